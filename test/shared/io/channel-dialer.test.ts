import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, describe, it } from 'node:test';
import { DEFAULT_CHANNEL_LIMITS } from '@sallyport/shared/io/channel-connection.ts';
import { ChannelDialer, type ChannelDialerOptions } from '@sallyport/shared/io/channel-dialer.ts';
import { ChannelListener } from '@sallyport/shared/io/channel-listener.ts';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import {
  credentialsOf,
  gatewayCredentials,
  helloOf,
  otherAuthority,
  proxyCredentials,
  RecordingSink,
} from './channel-fixture.ts';
import { ManualClock } from './manual-clock.ts';

const cleanUps: (() => unknown)[] = [];
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

/** A dialler of a gateway, on a clock that stands still, and what it says. */
function dialler(port: number, change: Partial<ChannelDialerOptions> = {}) {
  const clock = new ManualClock();
  const failures: string[] = [];
  const sinks: RecordingSink[] = [];
  let wake: (() => void) | undefined;
  const options: ChannelDialerOptions = {
    host: '127.0.0.1',
    port,
    credentials: () => gatewayCredentials,
    expected: { site: 'acme', role: 'proxy', node: 'edge-1' },
    random: () => 0.5,
    failed: (reason, attempt) => {
      failures.push(`${attempt} ${reason}`);
      wake?.();
    },
    own: helloOf('gateway'),
    clock,
    limits: DEFAULT_CHANNEL_LIMITS,
    flush: 'every-turn',
    ...change,
  };
  const dialer = new ChannelDialer(options, (connection) => {
    const sink = new RecordingSink(connection);
    sinks.push(sink);
    wake?.();
    return sink;
  });
  cleanUps.push(() => dialer.stop('test is over'));
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { clock, dialer, failures, sinks, until };
}

async function proxyListener(credentials: ChannelCredentials = proxyCredentials) {
  const sinks: RecordingSink[] = [];
  const listener = new ChannelListener(
    {
      host: '127.0.0.1',
      port: 0,
      credentials,
      expected: { site: 'acme', role: 'gateway' },
      connectionsMax: 16,
      refused: () => undefined,
      own: helloOf('proxy'),
      clock: new ManualClock(),
      limits: DEFAULT_CHANNEL_LIMITS,
      flush: 'every-turn',
    },
    (connection) => {
      const sink = new RecordingSink(connection);
      sinks.push(sink);
      return sink;
    },
  );
  cleanUps.push(() => listener.close('test is over'));
  return { port: await listener.listen(), sinks };
}

/** A server that counts connections and ends each at once, or lets it wait. */
async function tcpServer(
  ends: boolean,
): Promise<{ server: Server; port: number; count: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
    if (ends) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  return { server, port: (server.address() as AddressInfo).port, count: () => connections };
}

describe('channel dialler', { timeout: 20_000 }, () => {
  it('makes a channel, and another after it was lost', async () => {
    const { port, sinks: proxies } = await proxyListener();
    const { clock, dialer, sinks, until } = dialler(port);
    dialer.start();
    dialer.start();
    await until(() => sinks.length === 1);
    await sinks[0]?.heard('ready edge-1');
    proxies[0]?.connection.close('lost');
    await sinks[0]?.heard('closed ended');
    await until(() => clock.waiting > 0);
    clock.advance(2000);
    await until(() => sinks.length === 2);
    await sinks[1]?.heard('ready edge-1');
    assert.equal(proxies.length, 2);
  });

  it('waits longer each time, never has two dials at once, and stops when told', async () => {
    const { port, count } = await tcpServer(true);
    const { clock, dialer, failures, until } = dialler(port);
    dialer.start();
    for (let attempt = 1; attempt <= 8; attempt++) {
      await until(() => failures.length === attempt);
      assert.equal(clock.waiting, 1, 'nothing but the wait for the next dial');
      const expectedMs = [0, 100, 200, 400, 800, 1500, 1500, 1500, 1500][attempt] as number;
      clock.advance(expectedMs - 1);
      assert.equal(count(), attempt);
      clock.advance(1);
    }
    await until(() => failures.length === 9);
    dialer.stop('done');
    clock.advance(60_000);
    assert.equal(clock.waiting, 0);
    assert.equal(count(), 9);
    assert.match(failures[0] as string, /^1 ECONNRESET$/);
  });

  it('gives up on a handshake that does not end', async () => {
    const { port } = await tcpServer(false);
    const { clock, dialer, failures, until } = dialler(port);
    dialer.start();
    clock.advance(5000);
    await until(() => failures.length === 1);
    assert.deepEqual(failures, ['1 connect-timeout']);
    dialer.stop('done');
  });

  //  what is wrong                 who listens                                                     failure
  const table: readonly (readonly [string, () => Promise<ChannelCredentials>, RegExp])[] = [
    ['another node', () => credentialsOf('proxy', 'edge-2'), /channel-node-wrong/],
    ['a gateway', () => credentialsOf('gateway', 'edge-1'), /channel-role-wrong/],
    ['another site', () => credentialsOf('proxy', 'edge-1', 'other'), /channel-site-wrong/],
    [
      'another CA',
      () => credentialsOf('proxy', 'edge-1', 'acme', otherAuthority),
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE|UNABLE_TO_GET_ISSUER_CERT/,
    ],
  ];
  for (const [what, credentials, failure] of table) {
    it(`refuses ${what} at the other end`, async () => {
      const { port } = await proxyListener(await credentials());
      const { dialer, failures, sinks, until } = dialler(port);
      dialer.start();
      await until(() => failures.length === 1);
      assert.match(failures[0] as string, failure);
      assert.equal(sinks.length, 0);
      dialer.stop('done');
    });
  }

  it('says so when its own credentials are unusable, and uses mended ones', async () => {
    const { port } = await proxyListener();
    let keyPem = 'not a key';
    const { clock, dialer, failures, sinks, until } = dialler(port, {
      credentials: () => ({ ...gatewayCredentials, keyPem }),
    });
    dialer.start();
    assert.deepEqual(failures, ['1 credentials-unusable']);
    keyPem = gatewayCredentials.keyPem;
    clock.advance(2000);
    await until(() => sinks.length === 1);
    await sinks[0]?.heard('ready edge-1');
  });

  it('counts a channel that lasted as a success', async () => {
    const { port, sinks: proxies } = await proxyListener();
    const { clock, dialer, sinks, until } = dialler(port, { random: () => 0.99 });
    dialer.start();
    for (let n = 0; n < 8; n++) {
      await until(() => sinks.length === n + 1);
      await sinks[n]?.heard('ready edge-1');
      await proxies[n]?.heard('ready gateway-1');
      // A jump, and not 12 ticks: nobody has been silent.
      clock.advance(9000);
      clock.advance(1500);
      proxies[n]?.connection.close('lost');
      await sinks[n]?.heard('closed ended');
      await until(() => clock.waiting > 0);
      clock.advance(100);
    }
  });

  it('ends its channel when it is stopped', async () => {
    const { port, sinks: proxies } = await proxyListener();
    const { clock, dialer, sinks, until } = dialler(port);
    dialer.start();
    await until(() => sinks.length === 1);
    await sinks[0]?.heard('ready edge-1');
    await proxies[0]?.heard('ready gateway-1');
    dialer.stop('stopping');
    await sinks[0]?.heard('closed stopping');
    await proxies[0]?.heard('closed ended');
    clock.advance(60_000);
    assert.equal(sinks.length, 1);
  });
});
