import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedJson } from '@sallyport/shared/parsed-json.ts';

describe('a text of JSON', () => {
  it('says a value', () => assert.deepEqual(parsedJson('{"a":[1,null]}'), { a: [1, null] }));

  for (const text of ['', '{', 'undefined', '[1,]', '['.repeat(1_000_000)]) {
    it(`says nothing if it is none: ${text.slice(0, 12)}`, () => {
      assert.equal(parsedJson(text), undefined);
    });
  }
});
