import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeldTransactions } from '@sallyport/app-gateway/domain/core/transaction-share.ts';

const MAX = 100;

describe('the share of transactions that one host may hold', () => {
  //  held  of all  may begin another
  for (const [held, size, expected] of [
    [0, 99, true],
    [0, 100, false],
    [75, 75, true],
    [76, 76, false],
    [60, 80, true],
    [61, 80, false],
    [3, 99, true],
    [4, 99, false],
  ] as const) {
    it(`${held} of ${size}: ${expected ? 'one more' : 'none'}`, () => {
      const all = (many: number, octets: number) => {
        const held = new HeldTransactions({ held: MAX, bytes: MAX });
        const others = { share: { held: 0, bytes: 0 } };
        for (let at = 0; at < many; at++) held.begun({ origin: others, text: '' });
        held.begun({ origin: others, text: 'x'.repeat(octets) });
        held.ended({ origin: others, text: '' });
        return held;
      };
      assert.equal(all(size, 1).mayBegin({ held, bytes: 0 }), expected);
      assert.equal(all(1, size).mayBegin({ held: 0, bytes: held }), expected);
    });
  }
});
