import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isBelow, type PostureLevel, weakest } from '@sallyport/shared/channel/posture-level.ts';

//  level      required   is below
const table: readonly (readonly [PostureLevel, PostureLevel, boolean])[] = [
  ['low', 'low', false],
  ['low', 'medium', true],
  ['low', 'high', true],
  ['medium', 'low', false],
  ['medium', 'medium', false],
  ['medium', 'high', true],
  ['high', 'low', false],
  ['high', 'medium', false],
  ['high', 'high', false],
];

describe('level of security', () => {
  for (const [level, required, below] of table) {
    it(`${level} where ${required} is demanded is ${below ? 'too low' : 'enough'}`, () => {
      assert.equal(isBelow(level, required), below);
    });
  }

  it('of several is the weakest, in any order; of none it is high', () => {
    assert.equal(weakest(['high', 'medium', 'low']), 'low');
    assert.equal(weakest(['low', 'high']), 'low');
    assert.equal(weakest(['high', 'medium', 'high']), 'medium');
    assert.equal(weakest([]), 'high');
  });
});
