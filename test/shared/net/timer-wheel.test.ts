import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Timer, TimerWheel } from '@sallyport/shared/net/timer-wheel.ts';
import fc from 'fast-check';

const TICK_MS = 10;

describe('timer wheel', () => {
  //  delay ms   fires at the advance to (ms)
  const rows: readonly (readonly [number, number])[] = [
    [0, 10],
    [1, 10],
    [10, 10],
    [11, 20],
    [500, 500],
    [630, 630],
    [640, 640],
    [650, 650],
    [32_000, 32_000],
    [40_960, 40_960],
    [180_000, 180_000],
    [3_600_000, 3_600_000],
  ];
  for (const [delayMs, firesAtMs] of rows) {
    it(`a wait of ${delayMs} ms ends at ${firesAtMs} ms`, () => {
      const { wheel, fired, advance } = newWheel(1_000_000);
      wheel.schedule(new Timer('t', 'F'), 1_000_000, delayMs);
      advance(1_000_000 + firesAtMs - 1);
      assert.deepEqual(fired, []);
      advance(1_000_000 + firesAtMs);
      assert.deepEqual(fired, ['t F']);
      assert.equal(wheel.size, 0);
    });
  }

  it('a wait beyond the horizon is exact too', () => {
    const { wheel, fired, advance } = newWheel(0);
    const delayMs = 2.5 * 64 ** 4 * TICK_MS;
    wheel.schedule(new Timer('t', 'far'), 0, delayMs);
    advance(delayMs - 1);
    assert.deepEqual(fired, []);
    advance(delayMs);
    assert.deepEqual(fired, ['t far']);
  });

  it('scheduling again replaces the earlier wait', () => {
    const { wheel, fired, advance } = newWheel(0);
    const timer = new Timer('t', 'E');
    wheel.schedule(timer, 0, 100);
    wheel.schedule(timer, 0, 300);
    assert.equal(wheel.size, 1);
    advance(200);
    assert.deepEqual(fired, []);
    advance(300);
    assert.deepEqual(fired, ['t E']);
  });

  it('a cancelled timer does not fire, and cancelling twice or late does nothing', () => {
    const { wheel, fired, advance } = newWheel(0);
    const [first, second] = [new Timer('a', 'F'), new Timer('b', 'F')];
    wheel.schedule(first, 0, 50);
    wheel.schedule(second, 0, 50);
    wheel.cancel(first);
    wheel.cancel(first);
    assert.equal(first.isArmed, false);
    advance(50);
    wheel.cancel(second);
    assert.deepEqual(fired, ['b F']);
    assert.equal(wheel.size, 0);
  });

  it('a firing timer may cancel another that is due and arm itself again', () => {
    const wheel = new TimerWheel<string>(TICK_MS, 0);
    const [first, second] = [new Timer('a', 'x'), new Timer('b', 'x')];
    const fired: string[] = [];
    wheel.schedule(first, 0, 50);
    wheel.schedule(second, 0, 50);
    const fire = (owner: string) => {
      fired.push(owner);
      wheel.cancel(owner === 'a' ? second : first);
      if (fired.length < 3) wheel.schedule(owner === 'a' ? first : second, 50, 0);
    };
    wheel.advance(50, fire);
    assert.equal(fired.length, 1);
    wheel.advance(1000, fire);
    assert.equal(fired.length, 3);
    assert.equal(new Set(fired).size, 1);
    assert.equal(wheel.size, 0);
  });

  it('after a throw the timers not reached fire at the next call', () => {
    const wheel = new TimerWheel<string>(TICK_MS, 0);
    for (const owner of ['a', 'b', 'c']) wheel.schedule(new Timer(owner, 'x'), 0, 50);
    const fired: string[] = [];
    assert.throws(() =>
      wheel.advance(100, (owner) => {
        fired.push(owner);
        if (fired.length === 2) throw new Error('bug');
      }),
    );
    wheel.advance(100, (owner) => fired.push(owner));
    assert.deepEqual(fired.toSorted(), ['a', 'b', 'c']);
  });

  it('a clock that stands or steps back fires nothing', () => {
    const { wheel, fired, advance } = newWheel(1000);
    wheel.schedule(new Timer('t', 'F'), 1000, 20);
    advance(1000);
    advance(500);
    assert.deepEqual(fired, []);
    advance(1020);
    assert.deepEqual(fired, ['t F']);
  });

  it('every timer fires once, never early and by the first advance after its tick', () => {
    const command = fc.oneof(
      fc.record({ type: fc.constant('arm' as const), timer: fc.nat(9), delay: fc.nat(9000) }),
      fc.record({ type: fc.constant('arm' as const), timer: fc.nat(9), delay: fc.nat(3_000_000) }),
      fc.record({ type: fc.constant('cancel' as const), timer: fc.nat(9) }),
      fc.record({ type: fc.constant('advance' as const), by: fc.nat(5000) }),
      fc.record({ type: fc.constant('advance' as const), by: fc.nat(2_000_000) }),
    );
    fc.assert(
      fc.property(fc.nat(100_000), fc.array(command, { maxLength: 60 }), (startMs, commands) => {
        const wheel = new TimerWheel<number>(TICK_MS, startMs);
        const timers = Array.from({ length: 10 }, (_, i) => new Timer(i, 'x'));
        const dueMs = new Map<number, number>();
        let nowMs = startMs;
        for (const step of commands) {
          if (step.type === 'advance') {
            nowMs += step.by;
            wheel.advance(nowMs, (owner) => {
              assert.ok((dueMs.get(owner) ?? Number.POSITIVE_INFINITY) <= nowMs, 'early or twice');
              dueMs.delete(owner);
            });
            for (const due of dueMs.values()) assert.ok(due > nowMs - 2 * TICK_MS, 'late');
          } else if (step.type === 'arm') {
            wheel.schedule(timers[step.timer] as Timer<number>, nowMs, step.delay);
            dueMs.set(step.timer, nowMs + step.delay);
          } else {
            wheel.cancel(timers[step.timer] as Timer<number>);
            dueMs.delete(step.timer);
          }
          assert.equal(wheel.size, dueMs.size);
        }
      }),
    );
  });
});

function newWheel(startMs: number) {
  const wheel = new TimerWheel<string>(TICK_MS, startMs);
  const fired: string[] = [];
  const advance = (nowMs: number) =>
    wheel.advance(nowMs, (owner, name) => fired.push(`${owner} ${name}`));
  return { wheel, fired, advance };
}
