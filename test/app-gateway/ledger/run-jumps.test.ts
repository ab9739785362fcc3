import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JUMPS_AGAIN_MS, JUMPS_MAX, RunJumps } from '@sallyport/app-gateway/ledger/run-jumps.ts';

describe('jumps in the numbers of a host', () => {
  it('are none where each run goes on from the last, however many there are', () => {
    const jumps = new RunJumps(0);
    for (let first = 0; first < 10 * JUMPS_MAX; first += 2) {
      assert.equal(jumps.follow('one', first, first + 2, 0), true);
    }
  });

  it('are none where something comes again, as after the loss of a channel', () => {
    const jumps = new RunJumps(0);
    for (let n = 0; n < 10 * JUMPS_MAX; n++) {
      assert.equal(jumps.follow('one', 0, 5, 0), true);
      assert.equal(jumps.follow('one', 3, 6, 0), true);
    }
  });

  const rows: readonly (readonly [string, (n: number) => readonly [string, number]])[] = [
    ['holes', (n) => ['one', 2 * n]],
    ['streams', (n) => [`stream ${n}`, 0]],
  ];
  for (const [what, at] of rows) {
    it(`are too many with more than ${JUMPS_MAX} ${what} within an hour`, () => {
      const jumps = new RunJumps(0);
      const next = (n: number, nowMs: number) => {
        const [stream, first] = at(n);
        return jumps.follow(stream, first + 1, first + 2, nowMs);
      };
      let taken = 0;
      for (let n = 0; n < 10 * JUMPS_MAX && next(n, 0); n++) taken = n + 1;
      assert.ok(taken >= JUMPS_MAX && taken < 10 * JUMPS_MAX, `${taken}`);
      const oneMore = JUMPS_AGAIN_MS / JUMPS_MAX;
      assert.equal(next(20 * JUMPS_MAX, oneMore - 1), false);
      assert.equal(next(20 * JUMPS_MAX, oneMore), true);
      assert.equal(next(30 * JUMPS_MAX, oneMore), false);
    });
  }
});
