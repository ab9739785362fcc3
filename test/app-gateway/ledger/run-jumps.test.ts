import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JUMPS_MAX, RunJumps } from '@sallyport/app-gateway/ledger/run-jumps.ts';

describe('jumps in the numbers of a channel', () => {
  it('are none where each run goes on from the last, however many there are', () => {
    const jumps = new RunJumps();
    for (let first = 0; first < 10 * JUMPS_MAX; first += 2) {
      assert.equal(jumps.follow('one', first, first + 2), true);
    }
  });

  const rows: readonly (readonly [string, (n: number) => readonly [string, number]])[] = [
    ['holes', (n) => ['one', 2 * n]],
    ['repetitions', () => ['one', 0]],
    ['streams', (n) => [`stream ${n}`, 0]],
  ];
  for (const [what, at] of rows) {
    it(`are too many with more than ${JUMPS_MAX} ${what}`, () => {
      const jumps = new RunJumps();
      for (let n = 0; n < JUMPS_MAX; n++) {
        const [stream, first] = at(n);
        assert.equal(jumps.follow(stream, first, first + 1), true);
      }
      const [stream, first] = at(JUMPS_MAX);
      assert.equal(jumps.follow(stream, first, first + 1), false);
    });
  }
});
