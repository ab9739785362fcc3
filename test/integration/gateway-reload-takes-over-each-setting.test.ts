import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { InnerServer } from '../app-gateway/adapters/community/inner-server.ts';
import {
  fromInside,
  fromPartner,
  headers,
  responseTo,
  startLine,
} from '../app-gateway/domain/core/core-stage.ts';
import { freePort } from '../peers/support/free-port.ts';
import { changed, reloadWith } from './support/gateway-reload.ts';
import { GatewayStage } from './support/gateway-stage.ts';

// What `TAKING_OVER` says of gateways is held against a running one here, setting by setting. Elsewhere: limits of the
// Request-URI, `inner`, certificates of communities and the channel (gateway-reload-takes-over-everything), proxies that
// go (gateway-turns-removed-proxies-away), `requirePosture` (gateway-holds-its-required-posture), `siem` (sites/pair-feeds-a-siem),
// what needs a database (sites/gateway-reload-takes-over-audit).

const HOST = '127.0.0.1';
const PARTNER = 'partners/globex.yaml';

describe('a setting that a reload takes over at gateways', { timeout: 60_000 }, () => {
  let stage: GatewayStage;
  let [yaml, partner] = ['', ''];
  let calls = 0;
  before(async () => {
    stage = await GatewayStage.open();
    yaml = await readFile(stage.file('site.yaml'), 'utf8');
    partner = await readFile(stage.file(PARTNER), 'utf8');
  });
  after(() => stage.close());
  const site = (from: string | RegExp, to: string) =>
    reloadWith(stage, 'site.yaml', changed(yaml, from, to));
  const back = async () => {
    await reloadWith(stage, 'site.yaml', yaml);
    await reloadWith(stage, PARTNER, partner);
  };

  /** A partner's message to that address reaches the inner server. */
  async function passesInward(uri = 'sip:bob@acme.example', inner = stage.inner): Promise<string> {
    stage.fromPartner(1, fromPartner('MESSAGE', { uri, to: `<${uri}>` }));
    const { request, speaker } = await inner.asked();
    speaker.send(responseTo(request, 200));
    assert.match((await stage.frame(FrameType.sip)).text, /^SIP\/2\.0 200 /);
    return request;
  }

  /** It is answered before that. */
  async function refusedInward(uri: string, status: number): Promise<void> {
    stage.fromPartner(1, fromPartner('MESSAGE', { uri, to: `<${uri}>` }));
    const { text } = await stage.frame(FrameType.sip);
    assert.ok(text.startsWith(`SIP/2.0 ${status} `), startLine(text));
  }

  /** A request of one of our users, which is no other's retransmission. */
  function ask(method: string, body: string): void {
    const via = `SIP/2.0/TLS one.inner.example:5061;branch=z9hG4bKout${++calls}`;
    stage.speaker?.send(fromInside(method, { via, body, callId: `call-${calls}` }));
  }

  /** It reaches the proxy, and its answer comes back. */
  async function passesOutward(method: string, body = ''): Promise<string> {
    ask(method, body);
    const { text } = await stage.frame(FrameType.sip);
    assert.ok(text.startsWith(`${method} `), startLine(text));
    stage.fromPartner(0, responseTo(text, 202));
    assert.equal(startLine((await stage.speaker?.next()) ?? ''), 'SIP/2.0 202 Reason');
    return text;
  }

  /** It is answered before that. */
  async function refusedOutward(method: string, status: number): Promise<void> {
    ask(method, '');
    const answer = startLine((await stage.speaker?.next()) ?? '');
    assert.ok(answer.startsWith(`SIP/2.0 ${status} `), answer);
  }

  it('domains, communities[].domains: another domain of ours is served, and no longer when it goes', async () => {
    // One that our certificate stands for: any other is refused.
    const second = 'sip:bob@sip.acme.example';
    await refusedInward(second, 404);
    const both = '[acme.example, sip.acme.example]';
    await reloadWith(stage, 'site.yaml', yaml.replaceAll('[acme.example]', both));
    await passesInward(second);
    await passesInward();
    await back();
    await refusedInward(second, 404);
  });

  it('public: partners see another name of ours', async () => {
    const via = async () => headers(await passesOutward('MESSAGE'), 'Via')[0] ?? '';
    assert.match(await via(), /TLS sip\.acme\.example:5061/);
    await site('host: sip.acme.example, port: 5061', 'host: acme.example, port: 5071');
    assert.match(await via(), /TLS acme\.example:5071/);
    await back();
    assert.match(await via(), /TLS sip\.acme\.example:5061/);
  });

  it('limits.bodyBytesMax: an inner server that sends a longer body is cut off', async () => {
    const body = 'x'.repeat(2000);
    await passesOutward('MESSAGE', body);
    await site('bodyBytesMax: 65536', 'bodyBytesMax: 1024');
    const { speaker } = stage;
    ask('MESSAGE', body);
    await speaker?.until(() => speaker.isClosed);
    await back();
    stage.speaker = await stage.inner.accepted();
    await stage.logged('community-host-connected');
    await passesOutward('MESSAGE', body);
  });

  it('partners/ in files: methods and domains of a partner, and whether it is there at all', async () => {
    await passesOutward('OPTIONS');
    await reloadWith(stage, PARTNER, changed(partner, ', OPTIONS', ''));
    await refusedOutward('OPTIONS', 405);
    await passesOutward('MESSAGE');
    await reloadWith(stage, PARTNER, changed(partner, '[globex.example]', '[other.example]'));
    await refusedOutward('MESSAGE', 403);
    await reloadWith(stage, PARTNER, `${partner}enabled: false\n`);
    await refusedOutward('MESSAGE', 403);
    await back();
    await passesOutward('MESSAGE');
  });

  it('gateways[].inner.advertise: inner servers see another name of ours', async () => {
    await site('advertise: 127.0.0.1', 'advertise: localhost');
    assert.match(headers(await passesInward(), 'Via')[0] ?? '', /TLS localhost:/);
    await back();
    assert.match(headers(await passesInward(), 'Via')[0] ?? '', /TLS 127\.0\.0\.1:/);
  });

  it('gateways[].health: it answers at another port', async () => {
    const port = await freePort(HOST);
    await site(/(health: \{ host: 127\.0\.0\.1, port: )0/, `$1${port}`);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      get({ host: HOST, port, path: '/health' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
    assert.equal(status, 200);
    await back();
  });

  it('communities[].probe: an inner server is asked more often', async () => {
    await site('intervalMs: 5000', 'intervalMs: 500');
    const [seen, sinceMs] = [stage.inner.optionsSeen, performance.now()];
    await stage.speaker?.until(() => stage.inner.optionsSeen >= seen + 4);
    assert.ok(performance.now() - sinceMs < 15_000, 'four of the old probes take longer');
    await back();
  });

  it('communities[].hosts: another inner server is dialled and gets the requests', async () => {
    const other = new InnerServer(stage.shown);
    const port = await other.listen();
    const [, was] = /port: (\d+) \}\n +# Authority/.exec(yaml) ?? [];
    await site(`port: ${was} }`, `port: ${port} }`);
    await other.accepted();
    await stage.logged('community-host-connected');
    await passesInward('sip:bob@acme.example', other);
    await back();
    stage.speaker = await stage.inner.accepted();
    await stage.logged('community-host-connected');
    other.close();
    await passesInward();
  });

  it('revokedNodes: the channel of a proxy that is lost ends', async () => {
    assert.notEqual(stage.proxy, undefined);
    await reloadWith(stage, 'site.yaml', `${yaml}revokedNodes: [edge-1]\n`);
    await stage.until(() => stage.proxy === undefined);
  });
});
