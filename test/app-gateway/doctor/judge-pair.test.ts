import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  adviceOn,
  isDifference,
  judgePair,
  type PairVerdict,
  type Seen,
} from '@sallyport/app-gateway/doctor/judge-pair.ts';

//  seen            allowed           forbidden
const table: readonly (readonly [Seen, PairVerdict, PairVerdict])[] = [
  ['open', 'as-planned', 'hole'],
  ['refused', 'nobody-listens', 'let-through'],
  ['silent', 'blocked', 'as-planned'],
  ['unreachable', 'blocked', 'as-planned'],
  ['blocked-here', 'blocked', 'as-planned'],
  ['not-tried', 'not-tried', 'not-tried'],
];

describe('what a try shows about the plan', () => {
  for (const [seen, allowed, forbidden] of table) {
    it(`${seen}: allowed is ${allowed}, forbidden is ${forbidden}`, () => {
      assert.equal(judgePair(true, seen), allowed);
      assert.equal(judgePair(false, seen), forbidden);
    });
  }

  it('every difference has words and a next step, and nothing else has', () => {
    for (const [seen, ...verdicts] of table) {
      for (const verdict of verdicts) {
        const { what, next } = adviceOn(verdict, seen);
        assert.equal(what !== '', isDifference(verdict), verdict);
        assert.equal(next !== '', isDifference(verdict), verdict);
      }
    }
  });

  it('a reset says that the packet went through, or that a firewall rejects', () => {
    assert.match(adviceOn('let-through', 'refused').what, /went through/);
    assert.match(adviceOn('let-through', 'refused').next, /rejects instead of dropping/);
  });
});
