import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeTime } from '@sallyport/shared/channel/clock-offset.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { FrameReader } from '@sallyport/shared/channel/frame-reader.ts';
import { PROTOCOL_VERSIONS } from '@sallyport/shared/channel/hello.ts';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import { type Ends, readyEnds, sip, withRawGateway } from './channel-ends.ts';
import { frameBytes, helloOf } from './channel-fixture.ts';
import { ManualClock } from './manual-clock.ts';

/** The same clock, some milliseconds ahead. */
function ahead(clock: ManualClock, byMs: () => number): Clock {
  return {
    monotonicMs: () => clock.monotonicMs(),
    wallMs: () => clock.wallMs() + byMs(),
    after: (...alarm) => clock.after(...alarm),
    every: (...alarm) => clock.every(...alarm),
  };
}

const PROXY = { own: helloOf('proxy', { protocolVersions: PROTOCOL_VERSIONS }) };
const GATEWAY = { own: helloOf('gateway', { protocolVersions: PROTOCOL_VERSIONS }) };
const OLDER = { own: helloOf('gateway', { protocolVersions: [1, 2] }) };

describe('the clocks at both ends of a channel', { timeout: 20_000 }, () => {
  it('are known to both from the beginning, with a bound', async () => {
    const clock = new ManualClock();
    const { proxy, gateway } = await readyEnds(
      { ...PROXY, clock },
      { ...GATEWAY, clock: ahead(clock, () => 999) },
    );
    await until(() => proxy.connection.clockOffset !== undefined);
    await until(() => gateway.connection.clockOffset !== undefined);
    assert.deepEqual(proxy.connection.clockOffset, { aheadMs: 999, withinMs: 1 });
    assert.deepEqual(gateway.connection.clockOffset, { aheadMs: -999, withinMs: 1 });
    assert.deepEqual(proxy.events, ['ready gateway-1'], 'and nobody is told of what is right');
  });

  it('that differ are told of once, when it gets worse again, and when it is over', async () => {
    const clock = new ManualClock();
    let byMs = 3000;
    const { proxy, gateway } = await readyEnds(
      { ...PROXY, clock },
      { ...GATEWAY, clock: ahead(clock, () => byMs) },
    );
    const ends = { clock, proxy, gateway };
    await proxy.heard('clock differs 3000');
    for (const [nextMs, said] of [
      [4000, undefined],
      [-90_000, 'clock too-far -90000'],
      [-95_000, undefined],
      [0, 'clock right 0'],
      [5000, 'clock differs 5000'],
    ] as const) {
      const before = proxy.events.length;
      byMs = nextMs;
      await minute(ends);
      await until(() => proxy.connection.clockOffset?.aheadMs === nextMs);
      assert.deepEqual(proxy.events.slice(before), said === undefined ? [] : [said]);
    }
  });

  it('stay unknown with a peer of an older version, which is never asked', async () => {
    const { clock, proxy, gateway } = await readyEnds(PROXY, OLDER);
    await minute({ clock, proxy, gateway });
    assert.equal(proxy.connection.clockOffset, undefined);
    assert.deepEqual(proxy.events, ['ready gateway-1']);
    assert.deepEqual(gateway.events, ['ready edge-1'], 'the channel stands');
  });
});

describe('a peer that asks for the time, or tells it', { timeout: 20_000 }, () => {
  const HELLO = frameBytes(FrameType.hello, 0, 0, JSON.stringify(GATEWAY.own));
  const ASK = frameBytes(FrameType.askTime, 0, 7);

  /** A proxy's end after the hello; what it sends afterwards, by type and number. */
  async function greeted() {
    const { clock, proxy, raw } = await withRawGateway(PROXY);
    const heard: string[] = [];
    const names = new Map(Object.entries(FrameType).map(([name, type]) => [type as number, name]));
    const reader = new FrameReader('proxy', {
      frame: (type, _flags, _flow, exchange) =>
        void heard.push(`${names.get(type) ?? type} ${exchange}`),
      fault: (fault) => void heard.push(fault),
    });
    raw.on('data', (bytes: Buffer) => reader.push(bytes, 0, bytes.length));
    raw.write(HELLO);
    await proxy.heard('ready gateway-1');
    await until(() => heard.includes('askTime 1'));
    return { clock, proxy, raw, heard };
  }

  it('is answered once in a second', async () => {
    const { clock, proxy, raw, heard } = await greeted();
    const answers = () => heard.filter((frame) => frame === 'tellTime 7').length;
    raw.write(Buffer.concat([ASK, ASK, ASK, frameBytes(FrameType.ping)]));
    await until(() => heard.includes('pong 0'));
    assert.equal(answers(), 1);
    clock.advance(1000);
    raw.write(ASK);
    await until(() => answers() === 2);
    assert.deepEqual(proxy.events, ['ready gateway-1']);
  });

  it('comes behind one answer to a flood of pings, so that who never reads fills nothing', async () => {
    const { clock, raw, heard } = await greeted();
    const pongs = () => heard.filter((frame) => frame === 'pong 0').length;
    const pings = Array.from({ length: 1000 }, () => frameBytes(FrameType.ping));
    raw.write(Buffer.concat([...pings, ASK]));
    await until(() => heard.includes('tellTime 7'));
    assert.equal(pongs(), 1);
    clock.advance(1000);
    raw.write(frameBytes(FrameType.ping));
    await until(() => pongs() === 2);
  });

  it('unasked, changes nothing', async () => {
    const { proxy, raw, heard } = await greeted();
    const unasked = frameBytes(FrameType.tellTime, 0, 2, encodeTime(0));
    raw.write(Buffer.concat([unasked, frameBytes(FrameType.ping)]));
    await until(() => heard.includes('pong 0'));
    assert.equal(proxy.connection.clockOffset, undefined);
    assert.deepEqual(proxy.events, ['ready gateway-1']);
  });

  for (const [what, payload, reason] of [
    ['no time', Buffer.alloc(0), 'payload-malformed'],
    ['half a time', Buffer.alloc(4), 'payload-malformed'],
    ['a time beyond all dates', Buffer.alloc(8, 0xff), 'payload-malformed'],
    ['more than a time', Buffer.alloc(9), 'frame-too-large'],
  ] as const) {
    it(`in ${what}: ${reason}`, async () => {
      const { proxy, raw } = await greeted();
      raw.write(frameBytes(FrameType.tellTime, 0, 1, payload));
      await proxy.heard(`closed ${reason}`);
    });
  }
});

/** A minute in which both ends hear of each other, so that neither thinks the other dead. */
async function minute({ clock, proxy, gateway }: Pick<Ends, 'clock' | 'proxy' | 'gateway'>) {
  for (let tens = 0; tens < 6; tens++) {
    clock.advance(10_000);
    const counts = [proxy.frames.length, gateway.frames.length] as const;
    sip(proxy, 5, 1, 'x');
    sip(gateway, 5, 1, 'x');
    await proxy.until(() => proxy.frames.length > counts[0]);
    await gateway.until(() => gateway.frames.length > counts[1]);
  }
}

/** Lets the loop turn until the condition holds, or ten seconds have gone by. */
async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < endMs, 'it never came');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
