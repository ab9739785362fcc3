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

/** Teaches the schedule a rate of traffic: one flush a millisecond with so many messages. */
function teach(hold: AdaptiveHold, clock: ManualClock, messagesPerMs: number): void {
  for (let n = 0; n < 100; n++) {
    clock.advance(1);
    hold.flushed(messagesPerMs);
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
  it('holds nothing while little goes on', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    teach(hold, clock, 0.5);
    const lone = target(hold);
    hold.dirty(lone);
    await endOfTurn();
    assert.equal(lone.flushes, 1);
    assert.equal(clock.waiting, 0);
  });

  it('holds for a millisecond while there is company to come', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    teach(hold, clock, 5);
    const busy = target(hold);
    hold.dirty(busy);
    hold.more(busy, 2000);
    await endOfTurn();
    assert.equal(busy.flushes, 0);
    clock.advance(1);
    assert.equal(busy.flushes, 1);
  });

  it('lets a full record go with its turn', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    teach(hold, clock, 50);
    const full = target(hold, 20);
    hold.dirty(full);
    hold.more(full, 16_383);
    hold.more(full, 16_384);
    hold.more(full, 17_000);
    assert.equal(clock.waiting, 0);
    await endOfTurn();
    assert.equal(full.flushes, 1);
  });

  it('forgets a busy time after a pause', async () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    teach(hold, clock, 50);
    clock.advance(60_000);
    hold.flushed(1);
    const lone = target(hold);
    hold.dirty(lone);
    await endOfTurn();
    assert.equal(lone.flushes, 1);
  });

  it('leaves no timer behind when it is flushed from outside', () => {
    const clock = new ManualClock();
    const hold = new AdaptiveHold(clock);
    teach(hold, clock, 5);
    const busy = target(hold);
    hold.dirty(busy);
    assert.equal(clock.waiting, 1);
    busy.flush();
    assert.equal(clock.waiting, 0);
  });
});
