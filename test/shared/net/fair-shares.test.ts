import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FairShares } from '@sallyport/shared/net/fair-shares.ts';

function takenBy(shares: FairShares, who: string): number {
  let taken = 0;
  while (shares.take(who, 1)) taken++;
  return taken;
}

describe('fair shares', () => {
  it('one alone gets three quarters and one more, and the next one a share of the rest', () => {
    const shares = new FairShares(1000);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((who) => takenBy(shares, who)),
      [751, 187, 47, 12],
    );
    assert.equal(shares.take('e', 1), true);
  });

  it('what is given back can be taken again, by anybody', () => {
    const shares = new FairShares(8);
    assert.deepEqual([takenBy(shares, 'a'), takenBy(shares, 'b')], [7, 1]);
    assert.equal(shares.take('c', 1), false);
    for (let at = 0; at < 7; at++) shares.giveBack('a', 1);
    shares.giveBack('b', 1);
    assert.deepEqual([takenBy(shares, 'c'), takenBy(shares, 'a')], [7, 1]);
  });

  it('of different amounts there is never more than all, and the whole of it fits', () => {
    const shares = new FairShares(10);
    assert.equal(shares.take('a', 11), false);
    assert.equal(shares.take('a', 10), true);
    assert.equal(shares.take('b', 1), false);
    shares.giveBack('a', 10);
    assert.equal(shares.take('b', 10), true);
  });
});
