import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { DEFAULT_CHANNEL_LIMITS } from '@sallyport/shared/io/channel-connection.ts';
import { HELLO, OPENED, openEnds, readyEnds, sip, withRawGateway } from './channel-ends.ts';
import { helloOf } from './channel-fixture.ts';

describe('a channel', { timeout: 20_000 }, () => {
  it('is ready at both ends after both hellos', async () => {
    const { proxy, gateway } = await readyEnds();
    assert.deepEqual(proxy.connection.peer, helloOf('gateway'));
    assert.deepEqual(gateway.connection.peer, helloOf('proxy'));
    assert.ok(proxy.connection.isAvailable && gateway.connection.isAvailable);
  });

  it('sends nothing before it is ready', async () => {
    const { proxy } = await openEnds();
    assert.equal(sip(proxy, 1, 1, 'x'), false);
    assert.equal(proxy.connection.sendJson(FrameType.log, 0, 0, {}), false);
    assert.equal(proxy.connection.reserve(FrameType.sip, 0, 1, 1, 10), undefined);
    assert.equal(proxy.connection.commit(1), false);
  });

  it('carries frames of both sides in order', async () => {
    const { proxy, gateway } = await readyEnds();
    proxy.connection.sendJson(FrameType.flowOpened, 5, 0, OPENED);
    for (let n = 1; n <= 100; n++) {
      assert.equal(sip(proxy, 5, n, `request ${n}`), true);
      assert.equal(sip(gateway, 5, n, `response ${n}`), true);
    }
    await proxy.until(() => proxy.frames.length === 100);
    await gateway.until(() => gateway.frames.length === 101);
    assert.deepEqual(gateway.frames[0], {
      type: FrameType.flowOpened,
      flow: 5,
      exchange: 0,
      payload: JSON.stringify(OPENED),
    });
    const texts = gateway.frames.slice(1).map((frame) => `${frame.exchange} ${frame.payload}`);
    assert.deepEqual(
      texts,
      Array.from({ length: 100 }, (_, n) => `${n + 1} request ${n + 1}`),
    );
  });

  it('is not read while its owner says so, and loses nothing by it', async () => {
    const { proxy, gateway } = await readyEnds();
    proxy.connection.sendJson(FrameType.flowOpened, 5, 0, OPENED);
    await gateway.until(() => gateway.frames.length === 1);
    gateway.connection.reading.hold('owner');
    sip(proxy, 5, 1, 'x'.repeat(10_000));
    sip(gateway, 5, 1, 'the other way');
    await proxy.until(() => proxy.frames.length === 1);
    assert.equal(gateway.frames.length, 1);
    gateway.connection.reading.release('owner');
    await gateway.until(() => gateway.frames.length === 2);
    assert.equal(gateway.frames[1]?.payload.length, 10_000);
  });

  it('says what was read of it, and that it has ended', async () => {
    const heard: string[] = [];
    let bytes = 0;
    const turns = {
      took: (_: unknown, read: number) => {
        if (bytes === 0) heard.push('took');
        bytes += read;
      },
      ended: () => void heard.push('ended'),
    };
    const { proxy, gateway } = await readyEnds({}, { turns });
    sip(proxy, 0, 1, 'x'.repeat(10_000));
    await gateway.until(() => gateway.frames.length === 1);
    assert.ok(bytes > 10_000 && bytes < 11_000, `${bytes}`);
    gateway.connection.close('over');
    assert.deepEqual(heard, ['took', 'ended']);
  });

  it('lets frames board what leaves, and leave by themselves at once when told', async () => {
    const { proxy, gateway } = await readyEnds();
    const { connection } = proxy;
    let waiting = ['first'];
    connection.boards = () => {
      for (const text of waiting.splice(0)) {
        connection.sendParts(FrameType.auditRecords, 0, Buffer.from(text));
      }
    };
    sip(proxy, 0, 1, 'request');
    await gateway.until(() => gateway.frames.length === 2);
    assert.deepEqual(
      gateway.frames.map(({ payload }) => payload),
      ['request', 'first'],
    );
    waiting = ['second'];
    connection.expectDeparture();
    await gateway.until(() => gateway.frames.length === 3);
    waiting = ['third'];
    connection.depart();
    assert.deepEqual(waiting, []);
    await gateway.until(() => gateway.frames.length === 4);
    connection.close('over');
    assert.equal(connection.sendParts(FrameType.auditRecords, 0, Buffer.from('x')), false);
  });

  it('lets news of flows wait for company for five milliseconds', async () => {
    const { clock, proxy, gateway } = await readyEnds({ flush: 'adaptive' });
    const { connection } = proxy;
    const { waiting } = clock;
    connection.sendJson(FrameType.flowOpened, 1, 0, OPENED);
    connection.sendJson(FrameType.flowClosed, 1, 0, { reason: 'peer-closed' });
    clock.advance(4.9);
    assert.equal(clock.waiting, waiting + 1, 'one timer for both');
    assert.equal(gateway.frames.length, 0);
    clock.advance(0.1);
    assert.equal(clock.waiting, waiting);
    await gateway.until(() => gateway.frames.length === 2);
    connection.sendJson(FrameType.flowOpened, 2, 0, OPENED);
    sip(proxy, 2, 1, 'request');
    await gateway.until(() => gateway.frames.length === 4);
    assert.deepEqual(
      gateway.frames.map(({ type, flow }) => [type, flow]),
      [
        [FrameType.flowOpened, 1],
        [FrameType.flowClosed, 1],
        [FrameType.flowOpened, 2],
        [FrameType.sip, 2],
      ],
    );
    connection.sendJson(FrameType.flowClosed, 2, 0, { reason: 'peer-closed' });
    connection.close('done');
    await gateway.until(() => gateway.frames.length === 5);
  });

  it('puts what one loop turn brings into one write', async () => {
    const { proxy, gateway, proxySocket } = await readyEnds();
    let writes = 0;
    const write = proxySocket.write.bind(proxySocket) as (...args: unknown[]) => boolean;
    proxySocket.write = ((...args: unknown[]) => {
      writes++;
      return write(...args);
    }) as typeof proxySocket.write;
    for (let n = 0; n < 100; n++) sip(proxy, 5, n, 'x'.repeat(500));
    await gateway.until(() => gateway.frames.length === 100);
    assert.equal(writes, 1, '51,600 bytes fit into one pooled buffer');
    for (let n = 0; n < 1000; n++) sip(proxy, 5, n, 'x'.repeat(500));
    await gateway.until(() => gateway.frames.length === 1100);
    assert.equal(writes, 1 + 8, '516,000 bytes take eight of them');
  });

  it('sends what was written in place', async () => {
    const { proxy, gateway } = await readyEnds();
    const first = gateway.connection.reserve(FrameType.sip, 1, 5, 9, 1000);
    assert.ok(first);
    first.buffer.write('void, for it was never committed', first.at);
    const room = gateway.connection.reserve(FrameType.sip, 1, 5, 7, 1000);
    assert.ok(room);
    const bytes = room.buffer.write('SIP/2.0 200 OK', room.at, 'latin1');
    assert.equal(gateway.connection.commit(bytes), true);
    assert.equal(gateway.connection.commit(bytes), false, 'there is nothing to commit twice');
    sip(gateway, 5, 8, 'after');
    await proxy.until(() => proxy.frames.length === 2);
    assert.deepEqual(
      proxy.frames.map((frame) => `${frame.exchange} ${frame.payload}`),
      ['7 SIP/2.0 200 OK', '8 after'],
    );
  });

  it('throws on a payload that no peer would take: its owner has limits', async () => {
    const { proxy } = await readyEnds();
    assert.throws(() => sip(proxy, 5, 1, 'x'.repeat(524_289)));
    assert.equal(proxy.connection.reserve(FrameType.sip, 0, 5, 1, 524_289), undefined);
    const long = { text: 'x'.repeat(20_000) };
    assert.equal(proxy.connection.sendJson(FrameType.log, 0, 0, long), false);
  });

  it('tells the peer of a drain, and goes on', async () => {
    const { proxy, gateway } = await readyEnds();
    proxy.connection.drain();
    proxy.connection.drain();
    await gateway.heard('draining');
    assert.deepEqual([proxy.connection.isAvailable, gateway.connection.isAvailable], [true, false]);
    sip(gateway, 5, 1, 'late response');
    await proxy.until(() => proxy.frames.length === 1);
    assert.equal(gateway.events.filter((event) => event === 'draining').length, 1);
  });

  it('says closed exactly once at each end, and never within the call', async () => {
    const { proxy, gateway, proxySocket } = await readyEnds();
    sip(proxy, 5, 1, 'last words');
    proxy.connection.close('stopping');
    assert.equal(proxy.events.includes('closed stopping'), false);
    proxy.connection.close('again');
    proxySocket.destroySoon();
    await Promise.all([proxy.heard('closed stopping'), gateway.heard('closed ended')]);
    await once(proxySocket, 'close');
    proxy.connection.close('and again');
    gateway.connection.close('too');
    assert.equal(sip(proxy, 5, 2, 'too late'), false);
    proxy.connection.consumed(5, 10);
    proxy.connection.drain();
    await Promise.resolve();
    assert.deepEqual(
      [proxy, gateway].map((sink) => sink.events.filter((event) => event.startsWith('closed'))),
      [['closed stopping'], ['closed ended']],
    );
    assert.equal(gateway.frames[0]?.payload, 'last words', 'what was written still goes out');
  });

  it('delivers nothing after its owner closed it within a call', async () => {
    const { proxy, gateway } = await readyEnds();
    gateway.onFrame = () => gateway.connection.close('enough');
    for (let n = 1; n <= 10; n++) sip(proxy, 5, n, 'x');
    await gateway.heard('closed enough');
    assert.equal(gateway.frames.length, 1);
  });

  it('leaves no timer behind', async () => {
    const { clock, proxy, gateway, proxySocket, gatewaySocket } = await readyEnds();
    const gone = [proxySocket, gatewaySocket].map((socket) => once(socket, 'close'));
    proxy.connection.close('stopping');
    await Promise.all([...gone, gateway.heard('closed ended')]);
    assert.equal(clock.waiting, 0);
  });

  it('can be refused after a proper hello', async () => {
    const { proxy, gateway } = await openEnds({ admit: () => 'not-now' });
    await Promise.all([proxy.heard('closed not-now'), gateway.heard('closed ended')]);
    assert.deepEqual(proxy.events, ['closed not-now']);
  });
});

describe('credit on a channel', { timeout: 20_000 }, () => {
  const KIB_100 = 'x'.repeat(102_400);

  it('lets a slow flow wait alone', async () => {
    const { proxy, gateway } = await readyEnds();
    for (const flow of [1, 2]) proxy.connection.sendJson(FrameType.flowOpened, flow, 0, OPENED);
    // The owner at the gateway is done with flow 2 at once and with flow 1 not at all.
    gateway.onFrame = (type, flow, bytes) => {
      if (type === FrameType.sip && flow === 2) gateway.connection.consumed(2, bytes);
    };
    let slow = 0;
    while (sip(proxy, 1, slow, KIB_100)) slow++;
    assert.equal(slow, 10, 'as much as the window of the flow');
    for (let n = 0; n < 100; n++) {
      if (!sip(proxy, 2, n, KIB_100)) await proxy.until(() => proxy.events.includes('writable 2'));
      proxy.events.length = 0;
    }
    const ofFlow = (flow: number): number =>
      gateway.frames.filter((frame) => frame.type === FrameType.sip && frame.flow === flow).length;
    await gateway.until(() => ofFlow(2) === 100);
    assert.equal(ofFlow(1), 10);
    gateway.connection.consumed(1, 10 * 102_400);
    await proxy.heard('writable 1');
    await gateway.until(() => ofFlow(1) === 11);
  });

  it('keeps the order of a flow across a wait', async () => {
    const { proxy, gateway } = await readyEnds();
    proxy.connection.sendJson(FrameType.flowOpened, 1, 0, OPENED);
    let sent = 0;
    for (; sent < 15; sent++) sip(proxy, 1, sent, KIB_100);
    for (; sent < 20; sent++) sip(proxy, 1, sent, 'small');
    gateway.onFrame = (type, flow, bytes) => {
      if (type === FrameType.sip) gateway.connection.consumed(flow, bytes);
    };
    await gateway.until(() => gateway.frames.length === 1 + 10);
    gateway.connection.consumed(1, 0);
    await gateway.until(() => gateway.frames.length === 1 + 20);
    const order = gateway.frames.slice(1).map((frame) => frame.exchange);
    assert.deepEqual(
      order,
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  const limits = { ...DEFAULT_CHANNEL_LIMITS, flowQueueBytesMax: 300_000 };

  it('has a proxy close a flow on which too much waits', async () => {
    const { proxy } = await readyEnds({ limits });
    proxy.connection.sendJson(FrameType.flowOpened, 1, 0, OPENED);
    for (let n = 0; n < 13; n++) sip(proxy, 1, n, KIB_100);
    await proxy.until(() => proxy.frames.length === 1);
    assert.deepEqual(proxy.frames, [
      {
        type: FrameType.closeFlow,
        flow: 1,
        exchange: 0,
        payload: '{"reason":"channel-queue-overflow"}',
      },
    ]);
    for (let n = 0; n < 13; n++) assert.equal(sip(proxy, 1, n, KIB_100), false);
    assert.ok(proxy.connection.pendingBytes < 2_000_000, 'what waited was dropped');
    assert.ok(proxy.connection.isAvailable);
  });

  it('has a gateway ask for the end of a flow on which too much waits', async () => {
    const { proxy, gateway } = await readyEnds({}, { limits });
    proxy.connection.sendJson(FrameType.flowOpened, 1, 0, OPENED);
    await gateway.until(() => gateway.frames.length === 1);
    for (let n = 0; n < 20; n++) sip(gateway, 1, n, KIB_100);
    await proxy.until(() => proxy.frames.some((frame) => frame.type === FrameType.closeFlow));
    assert.equal(proxy.frames.filter((frame) => frame.type === FrameType.closeFlow).length, 1);
    assert.ok(gateway.connection.isAvailable);
  });

  it('ends the channel when too much waits on all of it', async () => {
    const { proxy, raw } = await withRawGateway({
      limits: { ...limits, queueBytesMax: 400_000, flowQueueBytesMax: 524_288 },
    });
    raw.write(HELLO);
    await proxy.heard('ready gateway-1');
    for (let n = 0; n < 60; n++) sip(proxy, n, n, KIB_100);
    await proxy.heard('closed queue-overflow');
  });

  it('returns the credit of a closed flow to nobody, and of the channel to all', async () => {
    const { proxy, gateway } = await readyEnds();
    for (let flow = 1; flow <= 30; flow++) {
      proxy.connection.sendJson(FrameType.flowOpened, flow, 0, OPENED);
      for (let n = 0; n < 5; n++) assert.equal(sip(proxy, flow, n, KIB_100), true);
      proxy.connection.sendJson(FrameType.flowClosed, flow, 0, { reason: 'ended' });
      await gateway.until(() => gateway.frames.length === flow * 7);
    }
  });
});
