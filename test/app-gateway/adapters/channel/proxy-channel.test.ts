import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PartnerTarget } from '@sallyport/app-gateway/domain/signalling.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { frame, MESSAGE, openFlow } from './fake-connection.ts';
import { HubBench } from './hub-bench.ts';

function target(change: Partial<PartnerTarget> = {}): PartnerTarget {
  const nextHop = 'sip:x@globex.example';
  return { partner: 'globex', nextHop, flow: undefined, isSecure: false, avoid: [], ...change };
}

describe('what a proxy says of requests', () => {
  it('counts for those that it carries, and for no others', () => {
    const bench = new HubBench();
    const [one, other] = [bench.channel(0, 'edge-1'), bench.channel(0, 'edge-2')];
    openFlow(one.channel, 3, { direction: 'outbound' });
    const onFlow = bench.hub.way(target())?.carry(41, MESSAGE);
    const placed = bench.hub.way(target({ partner: 'initech' }))?.carry(42, MESSAGE);
    assert.ok(onFlow && placed);
    const asked = one.connection.written.length === 2 ? one.channel : other.channel;
    const reason = 'flow-gone';
    frame(one.channel, FrameType.sendFailed, 0, 41, { reason });
    assert.deepEqual(
      bench.carriers.splice(0).map((is) => [is(onFlow), is(placed)]),
      [[true, false]],
    );
    frame(asked, FrameType.sendFailed, 0, 42, { reason });
    assert.equal(bench.carriers.splice(0)[0]?.(placed), true);
    for (const number of [41, 42])
      frame(other.channel, FrameType.sendFailed, 0, number, { reason });
    assert.deepEqual(
      bench.carriers.map((is) => [is(onFlow), is(placed)]),
      [
        [false, false],
        [false, false],
      ],
    );
  });

  it('is waited for as long as the request is, and never of more than that and a thousand', () => {
    const bench = new HubBench();
    const { channel } = bench.channel();
    openFlow(channel, 3);
    const place = (number: number) => bench.hub.way(target())?.carry(number, MESSAGE);
    const waiting = place(1);
    assert.ok(waiting);
    waiting.lastWaiting = { number: 1, partner: 'globex', before: undefined, after: undefined };
    for (let number = 2; number <= 1025; number++) place(number);
    bench.take();
    for (const number of [1, 2, 1024, 1025]) {
      frame(channel, FrameType.sent, 3, number, { remoteAddress: '192.0.2.3', remotePort: 5061 });
    }
    assert.deepEqual(bench.take(), ['sent 1 192.0.2.3:5061', 'sent 1025 192.0.2.3:5061']);
  });

  it('of its flows has room for as many as it should have, and no more', () => {
    const names = (count: number) =>
      Array.from({ length: count }, (_, n) => `${n}`.padStart(240, 'x'));
    const bench = new HubBench();
    const { channel, connection } = bench.channel();
    const large = { identities: names(1000) };
    for (let flow = 1; flow <= 137; flow++) openFlow(channel, flow, large);
    // Told again it takes the place of what was told before, and what has ended takes none.
    for (let again = 0; again < 10; again++) openFlow(channel, 1, large);
    frame(channel, FrameType.flowClosed, 2, 0, { reason: 'idle' });
    openFlow(channel, 2, large);
    assert.equal(connection.closedBy, undefined);
    for (let flow = 138; flow <= 140; flow++) openFlow(channel, flow, large);
    assert.equal(connection.closedBy, 'flows-too-large');
  });
});
