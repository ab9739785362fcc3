import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AdaptiveHold,
  everyTurn,
  type FlushSchedule,
} from '@sallyport/shared/io/flush-schedule.ts';
import { ManualClock } from './manual-clock.ts';

/** Something dirty that counts its flushes and tells the schedule, as an output buffer does. */
function target(schedule: FlushSchedule | undefined) {
  const counted = {
    flushes: 0,
    flush: () => {
      counted.flushes++;
      schedule?.flushed();
    },
  };
  return counted;
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Eight flushes, so far apart, are what the schedule watches before it first decides. */
function watch(hold: AdaptiveHold, clock: ManualClock, spacingMs: number, flushes = 8): void {
  for (let n = 0; n < flushes; n++) {
    clock.advance(spacingMs);
    hold.flushed();
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
    [0.59, true],
    [0.61, false],
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
    const full = target(hold);
    hold.dirty(full);
    hold.more(full, 16_383);
    assert.equal(clock.waiting, 1);
    hold.more(full, 16_384);
    hold.more(full, 17_000);
    assert.equal(clock.waiting, 0);
    await endOfTurn();
    assert.equal(full.flushes, 1);
  });

  /** One write that is held and goes out a millisecond later; another turn may join it. */
  async function holdOne(hold: AdaptiveHold, clock: ManualClock, joinedAfterMs?: number) {
    const held = target(hold);
    hold.dirty(held);
    hold.more(held, 2000);
    assert.equal(clock.waiting, 1);
    await endOfTurn();
    clock.advance(joinedAfterMs ?? 0);
    if (joinedAfterMs !== undefined) hold.more(held, 3000);
    clock.advance(1 - (joinedAfterMs ?? 0));
    assert.equal(held.flushes, 1);
  }

  async function isHeld(hold: AdaptiveHold): Promise<boolean> {
    const next = target(hold);
    hold.dirty(next);
    await endOfTurn();
    return next.flushes === 0;
  }

  it('goes on for as long as other turns join', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    watch(hold, clock, 0.1);
    for (let n = 0; n < 100; n++) await holdOne(hold, clock, n % 6 === 0 ? 0.5 : undefined);
    assert.equal(await isHeld(hold), true);
  });

  const vain: readonly (readonly [string, number | undefined])[] = [
    ['that no other turn joined, however many messages they had', undefined],
    ['that a turn joined late, as those of an end do that holds back too', 0.7],
  ];
  for (const [what, joinedAfterMs] of vain) {
    it(`gives up after six held writes ${what}`, async () => {
      const clock = new ManualClock();
      const hold = new AdaptiveHold(clock);
      watch(hold, clock, 0.1);
      for (let n = 0; n < 5; n++) await holdOne(hold, clock, joinedAfterMs);
      await holdOne(hold, clock, 0.5);
      for (let n = 0; n < 6; n++) await holdOne(hold, clock, joinedAfterMs);
      assert.equal(await isHeld(hold), false);
      assert.equal(clock.waiting, 0);
    });
  }

  it('takes the first turn that joins for how often they come', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    watch(hold, clock, 0.1);
    for (let n = 0; n < 20; n++) {
      const held = target(hold);
      hold.dirty(held);
      await endOfTurn();
      for (let turn = 0; turn < 3; turn++) {
        clock.advance(0.25);
        hold.more(held, 3000);
      }
      clock.advance(0.25);
      assert.equal(held.flushes, 1);
    }
    assert.equal(await isHeld(hold), true);
  });

  it('watches twice as long after a hold in vain, and as at first after one that was not', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    for (const flushes of [8, 16, 32, 64, 128, 256, 256]) {
      watch(hold, clock, 0.1, flushes - 1);
      assert.equal(await isHeld(hold), false, `the flush before the ${flushes}th`);
      for (let n = 0; n < 6; n++) await holdOne(hold, clock);
    }
    watch(hold, clock, 0.1, 256);
    for (let n = 0; n < 32; n++) await holdOne(hold, clock, 0.5);
    for (let n = 0; n < 6; n++) await holdOne(hold, clock);
    watch(hold, clock, 0.1, 8);
    assert.equal(await isHeld(hold), true);
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
