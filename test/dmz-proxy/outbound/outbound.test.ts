import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createServer } from 'node:tls';
import { type EdgeConfig, edgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import { DnsResolver } from '@sallyport/dmz-proxy/dns/resolver.ts';
import { FlowTable } from '@sallyport/dmz-proxy/flows/flow-table.ts';
import { Gateways } from '@sallyport/dmz-proxy/flows/gateways.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import { NO_PARTNERS } from '@sallyport/dmz-proxy/identity/partner.ts';
import { Outbound } from '@sallyport/dmz-proxy/outbound/outbound.ts';
import type { SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import type { LocateFailure, LocateSubject } from '@sallyport/shared/net/locate.ts';
import type { Target } from '@sallyport/shared/net/target.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { PartnerClient } from '../../integration/support/partner-client.ts';
import { type ProxySite, proxySite, trusting } from '../../integration/support/proxy-site.ts';
import { request } from '../../integration/support/sip-text.ts';
import { processorMs } from '../../processor-ms.ts';
import { type RecordedChannel, recordedLink } from '../edge-fixture.ts';

/** The square of so many takes many times as long. */
const ENOUGH_MS = 600;

describe('sending to configured endpoints', () => {
  let site: ProxySite;
  let port = 0;
  const calls: PartnerClient[] = [];
  const server = createServer({ requestCert: true, rejectUnauthorized: false }, (socket) => {
    calls.push(new PartnerClient(socket));
  });
  before(async () => {
    site = await proxySite();
    site.remove();
    server.setSecureContext({
      cert: site.partner.certificatePem,
      key: site.partner.privateKeyPem,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    for (const call of calls) call.end();
    server.close();
  });

  function outboundWith(
    change: (content: SnapshotContent) => SnapshotContent,
    found?: Pick<DnsResolver, 'locate'>,
  ) {
    const built = edgeConfig(change(site.snapshot), undefined, 0);
    assert.ok(built.ok);
    let config: EdgeConfig = built.value;
    const flows = new FlowTable(new Gateways());
    const resolver = new DnsResolver({
      timeoutMs: 100,
      tries: 1,
      locateTimeoutMs: 1000,
      cacheMax: { entries: 10, bytes: 1_048_576 },
      pendingMax: 10,
      nowMs: () => 0,
      failed: () => undefined,
    });
    const state = { isClosed: false, sent: [] as number[] };
    const outbound: Outbound = new Outbound({
      config: () => config,
      resolver: found ?? resolver,
      cache: new PathCache(10),
      counters: new Counters(),
      wallMs: Date.now,
      sourceFor: () => undefined,
      open: (socket, identity, facts, current) =>
        flows.open(socket, identity, facts, current, events, 0),
      failed: () => undefined,
      isClosed: () => state.isClosed,
      sent: (_flow, _bytes, start, end) => state.sent.push(end - start),
    });
    const events = {
      message: () => undefined,
      fatal: () => undefined,
      heard: () => undefined,
      closed: (...gone: Parameters<FlowTable['closed']>) => {
        outbound.flowClosed(gone[0]);
        flows.closed(...gone);
      },
    };
    const use = (content: SnapshotContent) => {
      const next = edgeConfig(content, config, 0);
      assert.ok(next.ok);
      config = next.value;
    };
    return { outbound, flows, use, state, ...recordedLink('gateway-1') };
  }
  const endpoints =
    (changes = {}) =>
    (content: SnapshotContent): SnapshotContent => ({
      ...content,
      partners: content.partners.map((partner) => ({
        ...partner,
        endpoints: [{ host: '127.0.0.1', port }],
        ...changes,
      })),
    });
  const send = (
    { outbound, link }: ReturnType<typeof outboundWith>,
    exchange: number,
    uri = 'sip:carol@globex.example',
    by: { readonly transport?: 'tcp'; readonly partner?: string } = {},
    bytes = Buffer.from(request()),
  ) => {
    const target = { partner: 'globex', uri, avoid: [], ...by };
    outbound.send(link, target, exchange, bytes, 0, bytes.length);
  };
  const told = async (channel: RecordedChannel, count: number) => {
    while (channel.frames.length < count) await new Promise((resolve) => setImmediate(resolve));
    return channel.frames.map(({ exchange, text }) => `${exchange} ${text}`);
  };
  const sentTo = (exchange: number) =>
    `${exchange} {"remoteAddress":"127.0.0.1","remotePort":${port}}`;

  it('requests made at once share one connection', async () => {
    const setting = outboundWith(endpoints());
    send(setting, 1);
    send(setting, 2);
    assert.deepEqual(await told(setting.channel, 2), [sentTo(1), sentTo(2)]);
    assert.equal(setting.flows.size, 1);
    for (const flow of setting.flows.values()) flow.close('test');
  });

  it('sends no request that cannot be put on record, but an ACK', async () => {
    const setting = outboundWith(endpoints());
    setting.state.isClosed = true;
    send(setting, 1);
    assert.deepEqual(await told(setting.channel, 1), ['1 {"reason":"limit"}']);
    send(setting, 0);
    await told(setting.channel, 2);
    assert.deepEqual(setting.state.sent, [request().length]);
    for (const flow of setting.flows.values()) flow.close('test');
  });

  it('requests that wait for a partner that is no more are answered at once', async () => {
    const silent = createPlainServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const setting = outboundWith(
      endpoints({
        endpoints: [{ host: '127.0.0.1', port: (silent.address() as AddressInfo).port }],
      }),
    );
    const arrived = once(silent, 'connection');
    send(setting, 1);
    send(setting, 2);
    const [connection] = (await arrived) as [Socket];
    const ended = once(
      connection.on('error', () => undefined),
      'close',
    );
    setting.outbound.usePartners(NO_PARTNERS);
    assert.deepEqual(await told(setting.channel, 2), [
      '1 {"reason":"no-target"}',
      '2 {"reason":"no-target"}',
    ]);
    connection.resume();
    await ended;
    silent.close();
  });

  it('a request that waited as long as its transaction lives is not sent any more', async (t) => {
    const silent = createPlainServer().on('connection', (socket) => {
      socket.on('error', () => undefined);
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const dead = { host: '127.0.0.1', port: (silent.address() as AddressInfo).port };
    const setting = outboundWith((content) =>
      endpoints({ endpoints: [dead, dead, { host: '127.0.0.1', port }] })({
        ...content,
        limits: { ...content.limits, outboundConnectTimeoutMs: 20_000 },
      }),
    );
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const first = once(silent, 'connection');
    send(setting, 1);
    await first;
    const second = once(silent, 'connection');
    t.mock.timers.tick(20_000);
    await second;
    t.mock.timers.tick(20_000);
    while (setting.flows.size === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await told(setting.channel, 1), ['1 {"reason":"timeout"}']);
    send(setting, 2);
    assert.deepEqual((await told(setting.channel, 2)).slice(1), [sentTo(2)]);
    assert.deepEqual(setting.state.sent, [request().length]);
    for (const flow of setting.flows.values()) flow.close('test');
    silent.close();
  });

  it('requests that wait for one partner leave room for those that wait for others', async () => {
    const silent = createPlainServer().on('connection', (socket) => {
      socket.on('error', () => undefined).resume();
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const dead = { host: '127.0.0.1', port: (silent.address() as AddressInfo).port };
    const setting = outboundWith((content) => {
      const { partners } = endpoints()(content);
      const hostile = { id: 'hostile', domains: ['hostile.example'], endpoints: [dead] };
      return { ...content, partners: partners.flatMap((each) => [each, { ...each, ...hostile }]) };
    });
    const long = Buffer.alloc(1_048_576, 'x');
    for (let at = 1; at <= 40; at++) {
      send(setting, at, 'sip:mallory@hostile.example', { partner: 'hostile' }, long);
    }
    assert.deepEqual(
      new Set(setting.channel.frames.map(({ text }) => text)),
      new Set(['{"reason":"limit"}']),
    );
    const refused = setting.channel.frames.length;
    assert.equal(refused, 40 - 13);
    send(setting, 41);
    assert.deepEqual((await told(setting.channel, refused + 1)).at(-1), sentTo(41));
    setting.outbound.usePartners(NO_PARTNERS);
    await told(setting.channel, 41);
    for (const flow of setting.flows.values()) flow.close('test');
    silent.close();
  });

  it('dials that one partner’s requests begin leave some for others', async () => {
    const silent = createPlainServer().on('connection', (socket) => {
      socket.on('error', () => undefined).resume();
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port: dead } = silent.address() as AddressInfo;
    const found = {
      locate: ({ host }: LocateSubject) => {
        const isDead = host.endsWith('.hostile.example');
        return Promise.resolve(
          ok([{ address: '127.0.0.1', port: isDead ? dead : port, serverName: host }]),
        );
      },
    };
    const setting = outboundWith((content) => {
      const { partners } = endpoints({ endpoints: [], sourceNetworks: ['127.0.0.0/8'] })(content);
      const hostile = { id: 'hostile', domains: ['hostile.example'] };
      return { ...content, partners: partners.flatMap((each) => [each, { ...each, ...hostile }]) };
    }, found);
    for (let at = 1; at <= 900; at++) {
      send(setting, at, `sip:mallory@h${at}.hostile.example`, { partner: 'hostile' });
    }
    await told(setting.channel, 900 - 769);
    assert.deepEqual(
      new Set(setting.channel.frames.map(({ text }) => text)),
      new Set(['{"reason":"limit"}']),
    );
    send(setting, 901);
    assert.deepEqual((await told(setting.channel, 900 - 768)).at(-1), sentTo(901));
    setting.outbound.usePartners(NO_PARTNERS);
    await told(setting.channel, 901);
    for (const flow of setting.flows.values()) flow.close('test');
    silent.close();
  });

  it('ten thousand requests that wait for one partner cost time that grows with their number alone', async () => {
    const answer = Promise.withResolvers<Result<readonly Target[], LocateFailure>>();
    const settings: ReturnType<typeof outboundWith>[] = [];
    const many = 10_000;
    const ms = processorMs(
      (setting) => {
        for (let at = 1; at <= many; at++) send(setting, at);
      },
      ENOUGH_MS,
      () => {
        const setting = outboundWith(endpoints(), { locate: () => answer.promise });
        settings.push(setting);
        return setting;
      },
    );
    answer.resolve(err('no-target'));
    for (const { channel } of settings) await told(channel, many);
    assert.ok(ms < ENOUGH_MS, `${ms} ms`);
  });

  it('a next hop inside the partner’s network is reached through its endpoints', async () => {
    const setting = outboundWith(endpoints());
    send(setting, 1, 'sip:edge7.inside.globex.example;lr');
    assert.deepEqual(await told(setting.channel, 1), [sentTo(1)]);
    for (const flow of setting.flows.values()) flow.close('test');
  });

  it('next hops inside the partner’s network without end share one connection to its endpoints', async () => {
    const setting = outboundWith(endpoints({ connectionsMax: 3 }));
    for (let exchange = 1; exchange <= 5; exchange++) {
      send(
        setting,
        exchange,
        `sip:carol@phone-${exchange}.inside.globex.example:${50_000 + exchange}`,
      );
      assert.equal((await told(setting.channel, exchange)).at(-1), sentTo(exchange));
    }
    assert.equal(setting.flows.size, 1);
    for (const flow of setting.flows.values()) flow.close('test');
  });

  it('next hops behind endpoints that are asked for at once share one connection, unless it proves its own host alone', async () => {
    const atOnce = async (domains: readonly string[]) => {
      const setting = outboundWith(endpoints({ domains }));
      for (let exchange = 1; exchange <= 3; exchange++) {
        send(setting, exchange, `sip:carol@phone-${exchange}.inside.globex.example`);
      }
      // The certificate has this name, which is no domain of the partner in the second case.
      send(setting, 4, 'sip:carol@globex.example');
      send(setting, 5, 'sip:carol@globex.example');
      const answers = (await told(setting.channel, 5)).toSorted();
      const { size } = setting.flows;
      for (const flow of setting.flows.values()) flow.close('test');
      return { answers, size };
    };
    assert.deepEqual(await atOnce(['globex.example']), {
      answers: [1, 2, 3, 4, 5].map(sentTo),
      // One for the domain, whose name the certificate must show, and one for all that is behind.
      size: 2,
    });
    const refused = [1, 2, 3].map((exchange) => `${exchange} {"reason":"identity"}`);
    assert.deepEqual(await atOnce(['globex.net']), {
      answers: [...refused, sentTo(4), sentTo(5)],
      size: 1,
    });
  });

  it('meets the partner with our new key on a new connection, and on the old one where there is none', async () => {
    const setting = outboundWith(endpoints());
    send(setting, 1);
    await told(setting.channel, 1);
    const [first] = setting.flows.values();
    const renewed = {
      ...site.snapshot,
      identities: site.snapshot.identities.map((identity) => ({
        ...identity,
        chainPem: site.partner.certificatePem,
        keyPem: site.partner.privateKeyPem,
      })),
    };
    setting.use(endpoints()(renewed));
    send(setting, 2);
    await told(setting.channel, 2);
    const [, second] = setting.flows.values();
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(setting.flows.size, 2);
    assert.notEqual(first.facts.ownKey, second.facts.ownKey);
    assert.equal(first.isClosed, false);
    assert.equal(setting.channel.frames[1]?.flow, second.facts.id);
    first.close('test');
    setting.use(endpoints({ connectionsMax: 1 })(site.snapshot));
    send(setting, 3);
    await told(setting.channel, 3);
    assert.equal(setting.channel.frames[2]?.flow, second.facts.id);
    for (const flow of setting.flows.values()) flow.close('test');
  });

  it('an endpoint with TLS of a partner without keys is dialled by TLS, where nobody can prove who he is', async () => {
    const plainTcp = { plainTcp: true, sourceNetworks: ['127.0.0.0/8'] } as const;
    const setting = outboundWith(endpoints({ ...plainTcp, trustSets: [] }));
    send(setting, 1, undefined, { transport: 'tcp' });
    assert.deepEqual(await told(setting.channel, 1), ['1 {"reason":"no-target"}']);
    send(setting, 2);
    assert.equal((await told(setting.channel, 2))[1], '2 {"reason":"identity"}');
    assert.deepEqual(setting.state.sent, []);
  });

  it('fails for a partner that is unknown, at its limit, of other trust, or while draining', async () => {
    const limited = outboundWith(endpoints({ connectionsMax: 0 }));
    send(limited, 1);
    assert.deepEqual(await told(limited.channel, 1), ['1 {"reason":"limit"}']);
    const severed = outboundWith((content) => ({ ...content, partners: [] }));
    send(severed, 1);
    assert.deepEqual(await told(severed.channel, 1), ['1 {"reason":"no-target"}']);
    const distrusting = outboundWith(
      endpoints({ trustSets: [trusting(site.siteAuthority.certificatePem)] }),
    );
    send(distrusting, 1);
    assert.deepEqual(await told(distrusting.channel, 1), ['1 {"reason":"identity"}']);
    distrusting.outbound.drain();
    send(distrusting, 2);
    assert.deepEqual((await told(distrusting.channel, 2))[1], '2 {"reason":"draining"}');
  });
});
