import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';
import fc from 'fast-check';

describe('token bucket', () => {
  //  at ms  tokens  taken
  const rows: readonly (readonly [number, number, boolean])[] = [
    [0, 3, true],
    [0, 1, false],
    [99, 1, false],
    [100, 1, true],
    [150, 1, false],
    [200, 1, true],
    [10_000, 4, false],
    [10_000, 3, true],
    [5000, 1, false],
    [5099, 1, false],
    [5100, 1, true],
  ];

  it('10 a second with a burst of 3, also when the clock steps back', () => {
    const bucket = new TokenBucket(10, 3, 0);
    for (const [atMs, tokens, taken] of rows) {
      assert.equal(bucket.take(atMs, tokens), taken, `${tokens} at ${atMs} ms`);
    }
  });

  it('a rate of zero never refills', () => {
    const bucket = new TokenBucket(0, 1, 0);
    assert.equal(bucket.take(0), true);
    assert.equal(bucket.take(1e12), false);
  });

  it('new limits keep what was used', () => {
    const bucket = new TokenBucket(1, 10, 0);
    assert.ok(bucket.take(0, 8));
    bucket.adjust(1, 5, 0);
    assert.equal(bucket.take(0), false);
    bucket.adjust(1, 10, 0);
    assert.equal(bucket.take(0, 5), true);
    assert.equal(bucket.take(0), false);
    assert.equal(bucket.isFull(9999), false);
    assert.equal(bucket.isFull(10_000), true);
  });

  it('owes what was taken elsewhere, a burst and a second’s worth at most', () => {
    const bucket = new TokenBucket(10, 4, 0);
    bucket.owe(0, 3);
    assert.equal(bucket.take(0, 2), false);
    assert.equal(bucket.take(0, 1), true);
    bucket.owe(0, 1000);
    bucket.adjust(10, 2, 0);
    assert.equal(bucket.take(1499), false);
    assert.equal(bucket.take(1500), true);
  });

  it('never lets through more than burst + rate * time', () => {
    const step = fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 3 }));
    fc.assert(
      fc.property(fc.nat(50), fc.nat(20), fc.array(step), (perSecond, burst, steps) => {
        const bucket = new TokenBucket(perSecond, burst, 0);
        let nowMs = 0;
        let taken = 0;
        for (const [elapsedMs, tokens] of steps) {
          nowMs += elapsedMs;
          if (bucket.take(nowMs, tokens)) taken += tokens;
        }
        assert.ok(taken <= burst + (perSecond * nowMs) / 1000 + 1e-6);
      }),
    );
  });
});
