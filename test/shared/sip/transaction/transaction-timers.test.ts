import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  T1_MS,
  T2_MS,
  TIMER_MS,
  type TimerName,
} from '@sallyport/shared/sip/transaction/transaction-timers.ts';

describe('timer values (RFC 3261 table 4, RFC 6026 §7)', () => {
  const rows: readonly (readonly [TimerName, number])[] = [
    ['B', 32_000],
    ['F', 32_000],
    ['H', 32_000],
    ['L', 32_000],
    ['M', 32_000],
    ['cancel', 32_000],
  ];
  for (const [timer, ms] of rows) {
    it(`${timer} is 64*T1`, () => assert.equal(TIMER_MS[timer], ms));
  }

  it('C exceeds three minutes (RFC 3261 §16.6 step 11)', () => assert.ok(TIMER_MS.C > 180_000));

  it('trying is when the pauses of timer E reach T2 (RFC 4320 §4.1)', () => {
    let pause = T1_MS;
    let elapsed = 0;
    while (pause < T2_MS) {
      elapsed += pause;
      pause *= 2;
    }
    assert.equal(TIMER_MS.trying, elapsed);
  });
});
