import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { AdminClient } from '@sallyport/app-gateway/cli/remote/admin-client.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { channelRequest } from '@sallyport/shared/x509/channel-request.ts';
import { InnerServer } from '../app-gateway/adapters/community/inner-server.ts';
import {
  fromInside,
  fromPartner,
  headers,
  responseTo,
  startLine,
} from '../app-gateway/domain/core/core-stage.ts';
import { admitted, sourceOf, span } from '../app-gateway/ports/audit-records.ts';
import { freePort } from '../peers/support/free-port.ts';
import { until } from '../peers/support/wait.ts';
import { GatewayStage } from './support/gateway-stage.ts';

// What `TAKING_OVER` says of gateways is held against a running one here, setting by setting. Elsewhere: limits of the
// Request-URI, `inner`, certificates of communities and the channel (gateway-reload-takes-over-everything), proxies that
// go (gateway-turns-removed-proxies-away), `requirePosture` (gateway-holds-its-required-posture), `siem` (pair-feeds-a-siem).

const DAY_MS = 86_400_000;
const HOST = '127.0.0.1';
const PARTNER = 'partners/globex.yaml';

/** The file with one thing in it changed; fails where that is not in it. */
function changed(text: string, from: string | RegExp, to: string): string {
  const other = text.replace(from, to);
  assert.notEqual(other, text, String(from));
  return other;
}

/** Writes a changed file of the gateway's bundle, and has it read. */
async function reloadWith(stage: GatewayStage, name: string, text: string): Promise<void> {
  await writeFile(stage.file(name), text);
  stage.signal('SIGHUP');
  const end = /^(?:reloaded|reload-refused|site-refused)$/;
  const ended = () => stage.log.findIndex(({ event }) => end.test(event));
  await stage.until(() => ended() >= 0);
  const [line] = stage.log.splice(ended(), 1);
  assert.equal(line?.event, 'reloaded', JSON.stringify(line));
}

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
  async function passesInward(
    uri = 'sip:bob@acme.example',
    speaker = stage.speaker,
  ): Promise<string> {
    stage.fromPartner(1, fromPartner('MESSAGE', { uri, to: `<${uri}>` }));
    const request = (await speaker?.next()) ?? '';
    speaker?.send(responseTo(request, 200));
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
    const speaker = await other.accepted();
    await stage.logged('community-host-connected');
    await passesInward('sip:bob@acme.example', speaker);
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

describe('a setting of audit that a reload takes over at gateways', { timeout: 120_000 }, () => {
  let stage: GatewayStage;
  let yaml = '';
  before(async () => {
    stage = await GatewayStage.open('embedded');
    yaml = await readFile(stage.file('site.yaml'), 'utf8');
  });
  after(() => stage.close());

  /** Call-IDs of messages whose bodies are on record. */
  async function recorded(): Promise<readonly string[]> {
    const client = new AdminClient(stage.file('run/admin.sock'));
    const found = await client.ask(['audit', 'search'], {
      parameters: { type: ['body-recorded'] },
    });
    assert.ok(found.ok, JSON.stringify(found));
    const { entries } = found.answer as { entries: { fields: { callId: string } }[] };
    return entries.map(({ fields }) => fields.callId);
  }

  async function message(callId: string): Promise<void> {
    stage.fromPartner(1, fromPartner('MESSAGE', { callId, body: 'words' }));
    stage.speaker?.send(responseTo((await stage.speaker.next()) ?? '', 200));
    await stage.frame(FrameType.sip);
  }

  it('audit.bodies: what a new rule demands is kept, from then on and until it goes', async () => {
    const key = rawPublicKey(generateKeyPairSync('x25519').privateKey).toString('base64');
    const bodies = `{ auditors: [{ name: anna, key: "${key}" }], rules: [{ name: all, partner: globex }] }`;
    await message('before');
    await reloadWith(stage, 'site.yaml', `${yaml}audit: { bodies: ${bodies} }\n`);
    await message('kept');
    await reloadWith(stage, 'site.yaml', yaml);
    await message('after');
    // Records are moved into the ledger in order, a moment after they were made.
    await until('a body on record', 10_000, async () => (await recorded()).length > 0 || undefined);
    assert.deepEqual(await recorded(), ['kept']);
  });

  it('channel.certificateDays: the next certificate that a host gets lives so long', async () => {
    const daysOf = async (exchange: number): Promise<number> => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const made = channelRequest(privateKey, { site: 'acme', role: 'proxy', node: 'edge-1' });
      assert.ok(made.ok);
      const request = made.value.pem.replace(/-----.*-----|\n/g, '');
      stage.proxy?.sendJson(FrameType.certificateRequest, 0, exchange, { request });
      const { text } = await stage.frame(FrameType.certificateIssued);
      // It is put into the state first, which is a reload of its own.
      await stage.logged('reloaded');
      const { validFromDate, validToDate } = new X509Certificate(
        (JSON.parse(text) as { chain: string }).chain,
      );
      return (validToDate.getTime() - validFromDate.getTime()) / DAY_MS;
    };
    assert.equal(Math.round(await daysOf(1)), 7);
    await reloadWith(
      stage,
      'site.yaml',
      changed(yaml, 'channel: {', 'channel: { certificateDays: 30,'),
    );
    assert.equal(Math.round(await daysOf(2)), 30);
    await reloadWith(stage, 'site.yaml', yaml);
    assert.equal(Math.round(await daysOf(3)), 7);
  });

  it('audit.proxyBytesPerSecond: a proxy that brings more is slowed', async () => {
    const record = admitted(0);
    const records = Array.from({ length: Math.floor(60_000 / record.length) }, (_, seq) =>
      admitted(seq),
    );
    const payload = Buffer.concat([Buffer.from('0000000000000009', 'hex'), ...records]);
    // What comes again is counted as what comes once, and nobody has to keep it.
    const bringMebibytes = async (mebibytes: number): Promise<void> => {
      for (let left = mebibytes * 1_048_576; left > 0; left -= payload.length) {
        assert.equal(stage.proxy?.sendParts(FrameType.auditRecords, 0, payload), true);
        await stage.frame(FrameType.auditAck);
      }
    };
    // Ten seconds' worth at once may come.
    await bringMebibytes(11);
    await reloadWith(stage, 'site.yaml', `${yaml}audit: { proxyBytesPerSecond: 1048576 }\n`);
    assert.equal(
      stage.log.some(({ event }) => event === 'audit-proxy-slowed'),
      false,
    );
    void bringMebibytes(11);
    assert.equal((await stage.logged('audit-proxy-slowed'))['proxy'], 'edge-1');
    await reloadWith(stage, 'site.yaml', yaml);
  });

  it('audit.retentionDays: days that are due now are dropped, and no others', async () => {
    await stage.stop();
    // A ledger that begins some days ago: no record comes before the day of the one before it.
    for (const name of ['state', 'run/audit']) await rm(stage.file(name), { recursive: true });
    const opened = await openEmbeddedStore(stage.file('state'));
    assert.ok(opened.ok);
    const nowMs = Date.now();
    for (const [at, daysAgo] of [20, 10].entries()) {
      const old = span(sourceOf('edge-0', BigInt(at + 1)), 0, 3);
      assert.ok((await opened.value.ledger.append([old], nowMs - daysAgo * DAY_MS)).ok);
    }
    await opened.value.close();
    stage.start(stage.file(''));
    await stage.logged('ready');
    const dayOf = (daysAgo: number) =>
      new Date(nowMs - daysAgo * DAY_MS).toISOString().slice(0, 10);
    await reloadWith(stage, 'site.yaml', `${yaml}audit: { retentionDays: 15 }\n`);
    assert.equal((await stage.logged('audit-day-dropped'))['day'], dayOf(20));
    await reloadWith(stage, 'site.yaml', `${yaml}audit: { retentionDays: 5 }\n`);
    assert.equal((await stage.logged('audit-day-dropped'))['day'], dayOf(10));
    await reloadWith(stage, 'site.yaml', yaml);
  });

  it('audit.enabled waits for a start: the reload is refused', async () => {
    await writeFile(stage.file('site.yaml'), `${yaml}audit: { enabled: false }\n`);
    stage.signal('SIGHUP');
    assert.match(String((await stage.logged('reload-refused'))['reason']), /read at the start/);
  });
});
