import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { RecordBudget } from '@sallyport/app-gateway/ledger/record-budget.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';

const RATE = 1000;

describe('what a proxy may bring a second', () => {
  let clock: ManualClock;
  let budget: RecordBudget;
  let said: string[];
  let rate: number;
  beforeEach(() => {
    clock = new ManualClock();
    clock.advance(5);
    said = [];
    rate = RATE;
    budget = new RecordBudget({
      bytesPerSecond: () => rate,
      clock,
      exceeded: (node) => said.push(node),
    });
  });

  //   bytes at once       waited for
  const atOnce: readonly (readonly [number, number])[] = [
    [1, 0],
    [10 * RATE, 0],
    [10 * RATE + 1, 1],
    [11 * RATE, 1000],
    [13 * RATE, 3000],
    [99 * RATE, 3000],
  ];
  for (const [bytes, waitMs] of atOnce) {
    it(`${bytes} bytes at once, at ${RATE} a second: waits ${waitMs} ms`, () => {
      assert.equal(budget.spend('edge-1', bytes), waitMs);
      assert.deepEqual(said, waitMs > 0 ? ['edge-1'] : []);
    });
  }

  it('a proxy at its rate waits for nothing, however long', () => {
    for (let second = 0; second < 100; second++) {
      assert.equal(budget.spend('edge-1', RATE), 0);
      clock.advance(1000);
    }
  });

  it('a proxy above its rate comes down to it', () => {
    let taken = 0;
    for (let ms = 0; ms < 100_000; ) {
      taken += 500;
      const waitMs = budget.spend('edge-1', 500) || 1;
      clock.advance(waitMs);
      ms += waitMs;
    }
    assert.ok(taken >= 109 * RATE && taken <= 111 * RATE, String(taken));
  });

  it('one proxy does not pay for another', () => {
    budget.spend('edge-1', 20 * RATE);
    assert.equal(budget.spend('edge-2', RATE), 0);
  });

  it('says so once a minute', () => {
    budget.spend('edge-1', 200 * RATE);
    clock.advance(59_999);
    budget.spend('edge-1', 1);
    assert.deepEqual(said, ['edge-1']);
    clock.advance(1);
    budget.spend('edge-1', 1);
    assert.deepEqual(said, ['edge-1', 'edge-1']);
  });

  it('follows another rate at once', () => {
    rate = 2 * RATE;
    assert.equal(budget.spend('edge-1', 20 * RATE), 0);
    assert.equal(budget.spend('edge-1', RATE), 500);
  });
});
