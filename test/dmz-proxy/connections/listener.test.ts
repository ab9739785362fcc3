import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import type { Source } from '@sallyport/dmz-proxy/connections/doorstep.ts';
import { Listener } from '@sallyport/dmz-proxy/connections/listener.ts';
import { ownIdentities } from '@sallyport/dmz-proxy/identity/own-identities.ts';
import { SourceLimits } from '@sallyport/shared/net/source-limits.ts';
import { PartnerClient } from '../../integration/support/partner-client.ts';
import { proxySite } from '../../integration/support/proxy-site.ts';
import { globexLeaf } from '../edge-fixture.ts';
import { assertKeptAlive } from '../keep-alive-timer.ts';

const site = await proxySite();
const loaded = ownIdentities(site.snapshot);
assert.ok(loaded.ok);
const identities = loaded.value;
site.remove();

async function listening(
  perSource = 100,
  shown = identities,
  proxyProtocolFrom: readonly string[] = [],
  { connectionsMax = 100, sourcesMax = 10, handshakeTimeoutMs = 300 } = {},
) {
  const refusals: string[] = [];
  const sockets: TLSSocket[] = [];
  const sources: Source[] = [];
  const turnedAway: Source[] = [];
  const wait = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const limits = new SourceLimits(
    {
      connectionsMax,
      connectionsPerSourceMax: perSource,
      connectionsPerSourcePerSecond: 100,
      sourcesMax,
    },
    0,
  );
  const listener = new Listener(
    {
      listen: { host: '127.0.0.1', port: 0, proxyProtocolFrom },
      identities: shown,
      handshakeTimeoutMs,
      sources: limits,
      nowMs: () => 0,
      sessionIdContext: 'test',
    },
    {
      handshaken: (socket, source) => {
        socket.on('error', () => undefined);
        sockets.push(socket);
        sources.push(source);
        done.resolve();
      },
      checked: () => undefined,
      refused: (code, _address, source) => {
        refusals.push(code);
        if (source !== undefined) turnedAway.push(source);
        wait.resolve();
      },
    },
  );
  const port = (await listener.open()) ?? 0;
  const close = () => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  };
  return {
    listener,
    port,
    refusals,
    sockets,
    sources,
    turnedAway,
    limits,
    refused: wait.promise,
    handshaken: done.promise,
    close,
  };
}

describe('a listener', () => {
  it('hands over a finished handshake with its source, and counts it until it closes', async () => {
    const { port, sources, limits, sockets, handshaken, close } = await listening();
    const client = await PartnerClient.connect(port, globexLeaf);
    await handshaken;
    assert.equal(sources[0]?.address, '127.0.0.1');
    assert.equal(limits.connections, 1);
    assert.ok(sockets[0] !== undefined);
    await assertKeptAlive(sockets[0]);
    sockets[0].destroy();
    await client.expectClose();
    close();
  });

  it('tells who passed a connection on, and from whom it is', async () => {
    const { port, sources, turnedAway, refused, handshaken, close } = await listening(
      1,
      identities,
      ['127.0.0.1/32'],
    );
    const header = Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 40000 5061\r\n');
    const client = await PartnerClient.connect(port, globexLeaf, {}, header);
    await handshaken;
    const balancer = { address: '127.0.0.1', port: client.socket.localPort };
    const listener = `127.0.0.1:${port}`;
    assert.deepEqual(sources, [{ address: '203.0.113.9', port: 40_000, listener, balancer }]);
    const second = await PartnerClient.connect(port, globexLeaf, {}, header);
    await refused;
    assert.equal(turnedAway[0]?.address, '203.0.113.9');
    assert.equal(turnedAway[0]?.balancer?.address, '127.0.0.1');
    await second.expectClose();
    client.end();
    close();
  });

  it('turns away more connections from one source than allowed, before TLS', async () => {
    const { port, refusals, close } = await listening(1);
    const first = await PartnerClient.connect(port, globexLeaf);
    const second = await PartnerClient.connect(port, globexLeaf);
    await second.expectClose();
    assert.deepEqual(refusals, ['source-connections-max']);
    first.end();
    close();
  });

  it('keeps some handshakes for others, however many one network begins and never ends', async () => {
    const balanced = ['127.0.0.1/32'];
    const many = { connectionsMax: 5000, sourcesMax: 1000, handshakeTimeoutMs: 60_000 };
    const listened = await listening(100, identities, balanced, many);
    const { port, refusals, limits, handshaken, sources, close } = listened;
    const strangers = Array.from({ length: 1100 }, (_, at) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      const from = `2001:db8:7:${(at % 100).toString(16)}::1`;
      socket.write(`PROXY TCP6 ${from} 2001:db8::1 40000 5061\r\n`);
      return socket.resume();
    });
    while (refusals.length < 1100 - 769) await setImmediate();
    assert.deepEqual(new Set(refusals), new Set(['handshakes-max']));
    const header = Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 40000 5061\r\n');
    const client = await PartnerClient.connect(port, globexLeaf, {}, header);
    await handshaken;
    assert.equal(sources[0]?.address, '203.0.113.9');
    for (const socket of strangers) socket.destroy();
    client.end();
    close();
    while (limits.connections > 0) await setImmediate();
  });

  it('gives a handshake’s place to others as soon as it is over', async () => {
    const many = { connectionsMax: 5000, sourcesMax: 1000, handshakeTimeoutMs: 60_000 };
    const listened = await listening(1000, identities, ['127.0.0.1/32'], many);
    const { port, refusals, limits, close } = listened;
    const begun = (from: string) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write(`PROXY TCP4 ${from} 10.0.0.1 40000 5061\r\n`);
      return socket.resume();
    };
    const first = Array.from({ length: 90 }, () => begun('203.0.113.9'));
    while (limits.connections < 90) await setImmediate();
    for (const socket of first) socket.destroy();
    while (limits.connections > 0) await setImmediate();
    const ended = refusals.length;
    const strangers = Array.from({ length: 800 }, (_, at) => begun(`203.0.113.${at % 250}`));
    while (refusals.length < ended + 800 - 769) await setImmediate();
    assert.deepEqual(new Set(refusals.slice(ended)), new Set(['handshakes-max']));
    assert.ok(limits.connections >= 769, `${limits.connections} wait`);
    for (const socket of strangers) socket.destroy();
    close();
  });

  it('ends a handshake that takes too long, and one that is none', async () => {
    const { port, refusals, refused, close } = await listening();
    const raw = connect(port, '127.0.0.1');
    raw.on('error', () => undefined);
    await refused;
    assert.deepEqual(refusals, ['handshake:ERR_TLS_HANDSHAKE_TIMEOUT']);
    raw.destroy();
    close();
  });

  for (const [what, bytes, leave] of [
    ['resets it before a byte', [], 'resetAndDestroy'],
    ['resets it within the first record', [22, 3, 1], 'resetAndDestroy'],
    ['hangs up within the first record', [22, 3, 1], 'end'],
  ] as const) {
    it(`knows whose handshake it was when a caller ${what}`, async () => {
      const { port, refusals, turnedAway, refused, limits, close } = await listening(
        100,
        identities,
        ['127.0.0.1/32'],
      );
      const raw = connect(port, '127.0.0.1');
      raw.on('error', () => undefined);
      // Behind a balancer, so that the bytes are known to have been read before the end.
      raw.write(Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 40000 5061\r\n'));
      raw.write(Buffer.from(bytes));
      while (limits.connections === 0) await setImmediate();
      const own = { address: '127.0.0.1', port: raw.localPort };
      raw[leave]();
      await refused;
      assert.deepEqual(refusals, ['handshake:ECONNRESET']);
      const listener = `127.0.0.1:${port}`;
      assert.deepEqual(turnedAway, [
        { address: '203.0.113.9', port: 40_000, listener, balancer: own },
      ]);
      while (limits.connections > 0) await setImmediate();
      close();
    });
  }

  it('knows the port and the address of a caller without a balancer that resets its handshake', async () => {
    const { port, turnedAway, refused, limits, close } = await listening();
    const raw = connect(port, '127.0.0.1');
    raw.on('error', () => undefined);
    raw.write(Buffer.from([22, 3, 1]));
    while (limits.connections === 0) await setImmediate();
    const listener = `127.0.0.1:${port}`;
    const own = { address: '127.0.0.1', port: raw.localPort, listener };
    raw.resetAndDestroy();
    await refused;
    assert.deepEqual(turnedAway, [own]);
    close();
  });

  it('does not tell a caller who our partners are: its certificate request names no CA', async () => {
    const { port, close } = await listening();
    const run = promisify(execFile);
    const { stdout } = await run('sh', [
      '-c',
      `openssl s_client -connect 127.0.0.1:${port} -servername acme.example </dev/null 2>/dev/null || true`,
    ]);
    assert.match(stdout, /No client certificate CA names sent/);
    assert.match(stdout, /New, TLSv1\.3/);
    close();
  });

  for (const version of ['tls1_2', 'tls1_3']) {
    it(`takes a server name that is an address for none, over ${version}`, async () => {
      const { port, refusals, close } = await listening();
      const run = promisify(execFile);
      const { stdout } = await run('sh', [
        '-c',
        `openssl s_client -${version} -connect 127.0.0.1:${port} -servername 127.0.0.1 </dev/null 2>/dev/null || true`,
      ]);
      assert.match(stdout, /BEGIN CERTIFICATE/);
      assert.deepEqual(refusals, []);
      close();
    });
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`shows a caller that names no server nothing where the site says so, over ${maxVersion}`, async () => {
      const strict = { ...identities, missingServerName: 'refuse' } as const;
      const { listener, port, refusals, handshaken, refused, close } = await listening(100, strict);
      const unnamed = { servername: '', maxVersion };
      const stranger = await PartnerClient.connect(port, globexLeaf, unnamed);
      await stranger.expectClose();
      assert.equal(stranger.socket.getPeerX509Certificate(), undefined);
      await refused;
      assert.match(refusals.join(), /^handshake:/);
      const partner = await PartnerClient.connect(port, globexLeaf, { maxVersion });
      await handshaken;
      partner.end();
      listener.renew(identities);
      const shown = await PartnerClient.connect(port, globexLeaf, unnamed);
      assert.match(shown.socket.getPeerX509Certificate()?.subjectAltName ?? '', /acme/);
      shown.end();
      listener.renew(strict);
      const hidden = await PartnerClient.connect(port, globexLeaf, unnamed);
      await hidden.expectClose();
      assert.equal(hidden.socket.getPeerX509Certificate(), undefined);
      close();
    });
  }

  it('speaks TLS 1.2 with forward secrecy, and nothing older', async () => {
    const { port, close } = await listening();
    const old = { maxVersion: 'TLSv1.2' } as const;
    const client = await PartnerClient.connect(port, globexLeaf, old);
    assert.match(client.socket.getCipher().name, /^ECDHE-.*(GCM|CHACHA20)/);
    client.end();
    const weak = await PartnerClient.connect(port, globexLeaf, {
      ...old,
      ciphers: 'AES128-SHA',
    });
    await weak.expectClose();
    close();
  });

  it('resumes no session from before its keys were renewed', async () => {
    const { listener, port, close } = await listening();
    const first = await PartnerClient.connect(port, globexLeaf);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    first.socket.on('session', resolve);
    const session = await promise;
    const resumed = await PartnerClient.connect(port, globexLeaf, { session });
    assert.equal(resumed.socket.isSessionReused(), true);
    listener.renew(identities);
    const fresh = await PartnerClient.connect(port, globexLeaf, { session });
    assert.equal(fresh.socket.isSessionReused(), false);
    for (const client of [first, resumed, fresh]) client.end();
    close();
  });
});
