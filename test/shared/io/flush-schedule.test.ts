import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdaptiveHold, everyTurn } from '@sallyport/shared/io/flush-schedule.ts';
import { ManualClock } from './manual-clock.ts';

/** Something dirty that counts its flushes and tells the schedule, as an output buffer does. */
function target(schedule: AdaptiveHold | undefined, messages = 1) {
  const counted = {
    flushes: 0,
    flush: () => {
      counted.flushes++;
      schedule?.flushed(messages);
    },
  };
  return counted;
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Eight flushes, so far apart, are what the schedule watches before it decides. */
function watch(hold: AdaptiveHold, clock: ManualClock, spacingMs: number): void {
  for (let n = 0; n < 8; n++) {
    clock.advance(spacingMs);
    hold.flushed(1);
  }
}

describe('flush at the end of the loop turn', () => {
  it('flushes each dirty target once, not before', async () => {
    const [a, b] = [target(undefined), target(undefined)];
    everyTurn.dirty(a);
    everyTurn.dirty(b);
    await Promise.resolve();
    assert.deepEqual([a.flushes, b.flushes], [0, 0]);
    await endOfTurn();
    assert.deepEqual([a.flushes, b.flushes], [1, 1]);
    await endOfTurn();
    assert.deepEqual([a.flushes, b.flushes], [1, 1]);
  });
});

describe('adaptive hold', () => {
  //  spacing of the flushes       is the next one held
  const table: readonly (readonly [number, boolean])[] = [
    [0.1, true],
    [0.34, true],
    [0.36, false],
    [2, false],
    [60_000, false],
  ];
  for (const [spacingMs, isHeld] of table) {
    it(`${isHeld ? 'holds' : 'does not hold'} when turns write every ${spacingMs} ms`, async () => {
      const clock = new ManualClock();
      const hold = new AdaptiveHold(clock);
      watch(hold, clock, spacingMs);
      const next = target(hold);
      hold.dirty(next);
      hold.more(next, 2000);
      await endOfTurn();
      assert.equal(next.flushes, isHeld ? 0 : 1);
      clock.advance(1);
      assert.equal(next.flushes, 1);
      assert.equal(clock.waiting, 0);
    });
  }

  it('lets a full record go with its turn', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    watch(hold, clock, 0.1);
    const full = target(hold, 20);
    hold.dirty(full);
    hold.more(full, 16_383);
    assert.equal(clock.waiting, 1);
    hold.more(full, 16_384);
    hold.more(full, 17_000);
    assert.equal(clock.waiting, 0);
    await endOfTurn();
    assert.equal(full.flushes, 1);
  });

  it('gives up after two held writes that had no company', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    watch(hold, clock, 0.1);
    const lone = target(hold, 1);
    for (let n = 1; n <= 2; n++) {
      hold.dirty(lone);
      clock.advance(1);
      assert.equal(lone.flushes, n);
    }
    hold.dirty(lone);
    await endOfTurn();
    assert.equal(lone.flushes, 3);
  });

  it('looks again after 32 held writes, and goes on holding if turns still write often', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    watch(hold, clock, 0.1);
    const busy = target(hold, 5);
    for (let n = 1; n <= 32; n++) {
      hold.dirty(busy);
      assert.equal(clock.waiting, 1);
      clock.advance(1);
    }
    hold.dirty(busy);
    assert.equal(clock.waiting, 0);
    await endOfTurn();
    assert.equal(busy.flushes, 33);
    watch(hold, clock, 0.1);
    hold.dirty(busy);
    assert.equal(clock.waiting, 1);
  });

  it('leaves no timer behind when it is flushed from outside', () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    watch(hold, clock, 0.1);
    const busy = target(hold);
    hold.dirty(busy);
    assert.equal(clock.waiting, 1);
    busy.flush();
    assert.equal(clock.waiting, 0);
  });
});
