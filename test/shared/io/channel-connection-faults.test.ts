import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { DEFAULT_CHANNEL_LIMITS } from '@sallyport/shared/io/channel-connection.ts';
import { end, HELLO, OPENED, openSockets, readyEnds, sip, withRawGateway } from './channel-ends.ts';
import { frameBytes, helloOf, optionsOf, type RecordingSink } from './channel-fixture.ts';
import { ManualClock } from './manual-clock.ts';

describe('a gateway that plays its own game', { timeout: 20_000 }, () => {
  const BIG = Buffer.alloc(524_288, 0x41);

  //  what it sends                         bytes                                           how the channel ends
  const table: readonly (readonly [string, readonly Buffer[], string])[] = [
    ['a frame before hello', [frameBytes(FrameType.ping)], 'hello-missing'],
    ['no JSON for a hello', [frameBytes(FrameType.hello, 0, 0, 'hello')], 'hello-malformed'],
    [
      'a hello of a proxy',
      [frameBytes(FrameType.hello, 0, 0, JSON.stringify(helloOf('proxy')))],
      'hello-role',
    ],
    ['a hello of another site', [hello({ site: 'other' })], 'hello-site'],
    ['a hello of another node', [hello({ node: 'gateway-2' })], 'hello-node'],
    ['a hello of another version', [hello({ protocolVersions: [7] })], 'hello-version'],
    ['two hellos', [HELLO, HELLO], 'hello-repeated'],
    ['an unknown frame', [HELLO, frameBytes(99)], 'frame-type-unknown'],
    [
      'a frame that only proxies send',
      [HELLO, frameBytes(FrameType.log)],
      'frame-not-allowed-from-role',
    ],
    ['a ping with a payload', [HELLO, frameBytes(FrameType.ping, 0, 0, 'x')], 'frame-too-large'],
    ['HTTP', [Buffer.from('GET / HTTP/1.1\r\nHost: edge\r\n\r\n')], 'frame-type-unknown'],
    ['credit out of thin air', [HELLO, frameBytes(FrameType.credit, 0, 1)], 'credit-overflow'],
    [
      'more than its window',
      [HELLO, ...Array.from({ length: 3 }, () => frameBytes(FrameType.sip, 1, 1, BIG))],
      'credit-overrun',
    ],
  ];
  for (const [what, chunks, reason] of table) {
    it(`${what}: closed ${reason}`, async () => {
      const { proxy, raw } = await withRawGateway();
      raw.on('error', () => undefined);
      await openFlowOnceReady(proxy);
      raw.write(Buffer.concat(chunks as Buffer[]));
      await proxy.heard(`closed ${reason}`);
      assert.equal(proxy.events.filter((event) => event.startsWith('closed')).length, 1);
    });
  }

  function hello(change: object): Buffer {
    return frameBytes(FrameType.hello, 0, 0, JSON.stringify({ ...helloOf('gateway'), ...change }));
  }

  /** So that flow 1 has a window that can be overrun. */
  function openFlowOnceReady(proxy: RecordingSink): Promise<void> {
    const heard = proxy.ready.bind(proxy);
    proxy.ready = (peer) => {
      proxy.connection.sendJson(FrameType.flowOpened, 1, 0, OPENED);
      heard(peer);
    };
    return Promise.resolve();
  }

  it('is bounded in flows when it is a proxy', async () => {
    const sockets = await openSockets();
    const limits = { ...DEFAULT_CHANNEL_LIMITS, flowsMax: 2 };
    const gateway = end(sockets.gateway, optionsOf('gateway', new ManualClock(), { limits }));
    sockets.proxy.write(frameBytes(FrameType.hello, 0, 0, JSON.stringify(helloOf('proxy'))));
    for (const flow of [1, 2, 2, 3]) {
      sockets.proxy.write(frameBytes(FrameType.flowOpened, flow, 0, '{}'));
    }
    await gateway.heard('closed flow-limit');
    assert.equal(gateway.frames.length, 3);
  });
});

describe('silence on a channel', { timeout: 20_000 }, () => {
  it('ends a channel whose peer never says hello', async () => {
    const { clock, proxy } = await withRawGateway();
    clock.advance(5000);
    await proxy.heard('closed hello-timeout');
  });

  it('is broken by pings, which a living peer answers', async () => {
    const { clock, proxy, gateway } = await readyEnds();
    for (let n = 0; n < 10; n++) {
      clock.advance(10_000);
      await new Promise((resolve) => proxyAndGatewaySpoke(n, resolve));
    }
    assert.ok(proxy.connection.isAvailable && gateway.connection.isAvailable);

    /** A frame each way behind the pings shows that those have been read. */
    function proxyAndGatewaySpoke(n: number, done: (value: unknown) => void): void {
      sip(proxy, 1, n, 'x');
      sip(gateway, 1, n, 'x');
      void Promise.all([
        proxy.until(() => proxy.frames.length > n),
        gateway.until(() => gateway.frames.length > n),
      ]).then(done);
    }
  });

  it('means a dead peer before 30 s are over', async () => {
    const { clock, proxy, raw } = await withRawGateway();
    const pings: number[] = [];
    raw.on('data', (chunk: Buffer) => {
      for (let at = 0; at + 16 <= chunk.length; at += 16) {
        if (chunk[at + 4] === FrameType.ping) pings.push(at);
      }
    });
    raw.write(HELLO);
    await proxy.heard('ready gateway-1');
    clock.advance(1000);
    clock.advance(25_000);
    await proxy.heard('closed silent');
    assert.ok(clock.monotonicMs() < 30_000);
    await once(raw, 'close');
    assert.equal(pings.length, 8);
  });

  it('is destroyed when even its end is not taken', async () => {
    const { clock, proxy, raw, socket } = await withRawGateway();
    raw.pause();
    raw.write(HELLO);
    await proxy.heard('ready gateway-1');
    proxy.connection.close('stopping');
    assert.equal(socket.destroyed, false);
    clock.advance(1000);
    assert.equal(socket.destroyed, true);
    await proxy.heard('closed stopping');
  });
});
