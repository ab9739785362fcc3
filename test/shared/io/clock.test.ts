import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '@sallyport/shared/io/clock.ts';

describe('the system clock', () => {
  it('never goes back, and knows the date', () => {
    const before = systemClock.monotonicMs();
    assert.ok(systemClock.monotonicMs() >= before);
    assert.ok(Math.abs(systemClock.wallMs() - Date.now()) < 1000);
  });

  it('runs what it was asked to, in order, until it is stopped', async () => {
    const runs: string[] = [];
    // Its timers keep no process alive, so this one does.
    const alive = setInterval(() => undefined, 1000);
    const never = systemClock.after(0, () => runs.push('never'));
    never.stop();
    await new Promise<void>((resolve) => {
      const every = systemClock.every(1, () => {
        runs.push('every');
        if (runs.filter((run) => run === 'every').length < 3) return;
        every.stop();
        systemClock.after(5, () => {
          runs.push('after');
          resolve();
        });
      });
    });
    clearInterval(alive);
    assert.deepEqual(runs, ['every', 'every', 'every', 'after']);
  });
});
