import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';
import type { PartnerSnapshot, SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { PartnerClient } from './support/partner-client.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

const NAME = 'plain.acme.example:5060';
const LISTEN = [
  { host: '127.0.0.1', port: 0, proxyProtocolFrom: [] },
  {
    host: '127.0.0.1',
    port: 0,
    proxyProtocolFrom: [],
    transport: 'tcp',
    advertise: { host: 'plain.acme.example', port: 5060 },
  },
  { host: '127.0.0.1', port: 0, proxyProtocolFrom: ['127.0.0.1/32'], transport: 'tcp' },
];
const FROM = 'sip:alice@umbrella.example';

/** The sample site with a partner that has no key and may come without TLS, from loopback and from one network. */
function withPlain(
  content: SnapshotContent,
  change: Partial<PartnerSnapshot> = {},
): SnapshotContent {
  const [globex] = content.partners;
  assert.ok(globex);
  const umbrella: PartnerSnapshot = {
    ...globex,
    id: 'umbrella',
    domains: ['umbrella.example'],
    trustSets: [],
    plainTcp: true,
    sourceNetworks: ['127.0.0.0/8', '203.0.113.0/24'],
    ...change,
  };
  return { ...content, advertised: [NAME], partners: [globex, umbrella] };
}

function portsOf({ proxy }: RunningProxy): readonly number[] {
  const ready = proxy.lines.find(({ event }) => event === 'ready');
  return String(ready?.['ports']).split(',').map(Number);
}

function plainRequest(parts: Parameters<typeof request>[0] = {}): string {
  return request({ from: FROM, ...parts }).replace(
    'SIP/2.0/TLS edge.globex',
    'SIP/2.0/TCP edge.umbrella',
  );
}

/** A request of ours, as the gateway writes it for that name. */
function ours(text: string): string {
  const branch = `z9hG4bK${nodeTag('acme', 'gateway-1')}.u1.l1`;
  return text.replace(/^Via: .*$/m, `Via: SIP/2.0/TCP ${NAME};branch=${branch}`);
}

describe('a proxy with a listener for plain TCP', () => {
  let running: RunningProxy;
  let plainPort = 0;
  let balancedPort = 0;
  before(async () => {
    running = await runningProxy(withPlain, { listen: LISTEN });
    running.gateway.respond = ({ text }) => responseTo(text, '200 OK');
    [, plainPort = 0, balancedPort = 0] = portsOf(running);
  });
  after(() => running.stop());

  it('knows a partner by its network, and says so inside', async () => {
    const since = running.gateway.frames.length;
    const partner = await PartnerClient.connectPlain(plainPort, plainRequest());
    await partner.expect('SIP/2.0 200 OK');
    const { text } = await running.gateway.frame(FrameType.flowOpened, since);
    const opened = JSON.parse(text) as Record<string, unknown>;
    assert.equal(opened['partner'], 'umbrella');
    assert.equal(opened['transport'], 'tcp');
    assert.equal(opened['advertised'], NAME);
    assert.deepEqual(opened['identities'], ['umbrella.example']);
    assert.equal('certificate' in opened || 'tls' in opened || 'ownKey' in opened, false);
    partner.end();
  });

  const refusals: readonly (readonly [string, string, RegExp])[] = [
    [
      'a sender of a partner with TLS',
      plainRequest({ from: 'sip:alice@globex.example' }),
      /^SIP\/2\.0 403 /,
    ],
    ['a sender of ours', plainRequest({ from: 'sip:bob@acme.example' }), /^SIP\/2\.0 403 /],
    ['a sips: request', plainRequest({ requestUri: 'sips:bob@acme.example' }), /^SIP\/2\.0 480 /],
    ['a method that was not agreed', plainRequest({ method: 'REFER' }), /^SIP\/2\.0 405 /],
  ];
  for (const [what, text, answer] of refusals) {
    it(`refuses ${what}, as it would over TLS`, async () => {
      const since = running.gateway.frames.length;
      const partner = await PartnerClient.connectPlain(plainPort, text);
      await partner.until(({ received }) => received.endsWith('\r\n\r\n'), 'an answer');
      assert.match(partner.received, answer);
      partner.end();
      const inside = running.gateway.frames
        .slice(since)
        .filter(({ type }) => type === FrameType.sip);
      assert.deepEqual(inside, []);
    });
  }

  it('cuts messages, answers keep-alives and closes after a framing fault', async () => {
    const partner = await PartnerClient.connectPlain(plainPort, '\r\n\r\n');
    await partner.until(({ received }) => received === '\r\n', 'a pong');
    for (const byte of plainRequest({ callId: 'slow@umbrella.example', body: 'hello' })) {
      partner.send(byte);
    }
    await partner.expect('SIP/2.0 200 OK');
    partner.send('this is no SIP\r\n\r\n');
    await partner.expectClose();
  });

  it('carries requests to the partner on its own connection, and the answers back', async () => {
    const since = running.gateway.frames.length;
    const partner = await PartnerClient.connectPlain(plainPort);
    const { flow } = await running.gateway.frame(FrameType.flowOpened, since);
    const text = ours(request({ from: 'sip:bob@acme.example', requestUri: FROM, callId: 'out' }));
    running.gateway.send(flow, 7, text);
    await partner.expect('Call-ID: out');
    partner.send(responseTo(partner.received, '202 Accepted'));
    await running.gateway.until(
      () =>
        running.gateway.frames.slice(since).some((frame) => frame.text.includes('202 Accepted')),
      'the answer',
    );
    partner.end();
  });

  it('believes a balancer, and tells networks apart behind it', async () => {
    const header = (address: string) => `PROXY TCP4 ${address} 10.0.0.1 40000 5060\r\n`;
    const partner = await PartnerClient.connectPlain(
      balancedPort,
      header('203.0.113.9') + plainRequest(),
    );
    await partner.expect('SIP/2.0 200 OK');
    partner.end();
    const since = running.proxy.lines.length;
    const stranger = await PartnerClient.connectPlain(balancedPort, header('203.0.114.9'));
    await stranger.expectClose();
    assert.equal(stranger.received, '');
    const { source, code } = await running.proxy.line('connection-refused', since);
    assert.deepEqual([source, code], ['203.0.114.9', 'identity-unknown']);
  });

  it('speaks no TLS there, and no plain TCP on the other port', async () => {
    const [tlsPort = 0] = portsOf(running);
    const plain = await PartnerClient.connectPlain(tlsPort, plainRequest());
    await plain.expectClose();
    assert.doesNotMatch(plain.received, /SIP/);
    const secured = await PartnerClient.connect(plainPort, running.site.partner);
    await secured.expectClose();
    const well = await PartnerClient.connect(tlsPort, running.site.partner);
    well.send(request());
    await well.expect('SIP/2.0 200 OK');
    well.end();
  });
});

describe('plain TCP that is allowed no more', () => {
  for (const [what, change] of [
    ['because the setting is gone', { plainTcp: false, trustSets: undefined }],
    ['because its networks have changed', { sourceNetworks: ['203.0.113.0/24'] }],
  ] as const) {
    it(`ends the connections that it let in, and lets in no new one, ${what}`, async (t) => {
      const running = await runningProxy(withPlain, { listen: LISTEN });
      t.after(() => running.stop());
      const { gateway, site, proxy } = running;
      gateway.respond = ({ text }) => responseTo(text, '200 OK');
      const [, port = 0] = portsOf(running);
      const partner = await PartnerClient.connectPlain(port, plainRequest());
      await partner.expect('SIP/2.0 200 OK');
      const { trustSets = site.snapshot.partners[0]?.trustSets ?? [], ...rest } = {
        trustSets: [],
        ...change,
      };
      const next = withPlain({ ...site.snapshot, version: 11 }, { ...rest, trustSets });
      assert.deepEqual(await gateway.configure(site.sign(next)), { version: 11, accepted: true });
      await partner.expectClose();
      const since = proxy.lines.length;
      const again = await PartnerClient.connectPlain(port, plainRequest());
      await again.expectClose();
      assert.equal(again.received, '');
      const { code } = await proxy.line('connection-refused', since);
      assert.equal(code, 'identity-unknown');
    });
  }
});

describe('a partner that is dialled without TLS', () => {
  const asked = request({ from: 'sip:bob@acme.example', requestUri: FROM, callId: 'dialled' });

  async function dialling(t: TestContext, sourceNetworks: readonly string[]) {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoints = [{ host: '127.0.0.1', port, transport: 'tcp' }] as const;
    const running = await runningProxy((content) =>
      withPlain(content, { endpoints, sourceNetworks }),
    );
    t.after(async () => {
      server.close();
      await running.stop();
    });
    return { server, running };
  }

  it('gets the request, by one connection for all', async (t) => {
    const { server, running } = await dialling(t, ['127.0.0.0/8']);
    const { gateway } = running;
    const accepted = once(server, 'connection');
    const to = { partner: 'umbrella', uri: FROM, avoid: [], transport: 'tcp' } as const;
    gateway.sendTo(to, 5, ours(asked));
    const [socket] = (await accepted) as [Socket];
    const partner = new PartnerClient(socket);
    await partner.expect('Call-ID: dialled');
    gateway.sendTo(to, 6, ours(asked.replace('dialled', 'again')));
    await partner.expect('Call-ID: again');
    partner.send(responseTo(partner.received.split('\r\n\r\n')[0] ?? '', '200 OK'));
    await gateway.until(() => gateway.frames.some(({ text }) => text.includes('200 OK')), '200');
    partner.end();
  });

  const rows = [
    ['by a gateway that means TLS', ['127.0.0.0/8'], FROM, undefined, 'no-target'],
    ['for a sips: URI', ['127.0.0.0/8'], 'sips:alice@umbrella.example', 'tcp', 'no-target'],
    ['at an address that is not in its networks', ['203.0.113.0/24'], FROM, 'tcp', 'identity'],
  ] as const;
  for (const [what, networks, uri, transport, reason] of rows) {
    it(`is not asked ${what}`, async (t) => {
      const { server, running } = await dialling(t, networks);
      const heard: string[] = [];
      server.on('connection', (socket) => socket.on('data', (chunk) => heard.push(String(chunk))));
      const to = { partner: 'umbrella', uri, avoid: [] };
      running.gateway.sendTo(transport === undefined ? to : { ...to, transport }, 5, ours(asked));
      const failed = await running.gateway.frame(FrameType.sendFailed);
      assert.equal(failed.text, JSON.stringify({ reason }));
      assert.deepEqual(heard, []);
    });
  }
});
