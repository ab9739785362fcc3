import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RETRY_DELAY_MS_MAX, retryDelayMs } from '@sallyport/shared/channel/back-off.ts';
import fc from 'fast-check';

//  attempt, least, most
const ceilings: readonly (readonly [number, number, number])[] = [
  [1, 0, 99],
  [2, 0, 199],
  [3, 0, 399],
  [5, 0, 1599],
  [6, 875, 1749],
  [1000, 875, 1749],
];

describe('wait before a channel is dialled again', () => {
  for (const [attempt, leastMs, mostMs] of ceilings) {
    it(`attempt ${attempt}: ${leastMs} to ${mostMs} ms`, () => {
      assert.equal(retryDelayMs(attempt, 0), leastMs);
      assert.equal(retryDelayMs(attempt, 1 - Number.EPSILON), mostMs);
    });
  }

  it('never exceeds two seconds, so that a cut of a minute is over two seconds after its end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const delayMs = retryDelayMs(attempt, random);
          assert.ok(Number.isInteger(delayMs) && delayMs >= 0 && delayMs < RETRY_DELAY_MS_MAX);
        },
      ),
    );
  });
});
