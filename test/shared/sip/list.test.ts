import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitList } from '@sallyport/shared/sip/list.ts';
import fc from 'fast-check';

//  value           parts
const table: readonly (readonly [string, readonly string[]])[] = [
  ['', ['']],
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  [' a , b ', ['a', 'b']],
  ['a,\r\n b', ['a', 'b']],
  ['a,,b,', ['a', '', 'b', '']],
  ['"a,b",c', ['"a,b"', 'c']],
  ['"a\\",b",c', ['"a\\",b"', 'c']],
  ['"\\\\",c', ['"\\\\"', 'c']],
  ['<sip:a,b@c>,d', ['<sip:a,b@c>', 'd']],
  ['"<",b', ['"<"', 'b']],
  ['"a,b', ['"a,b']],
  ['<a,b', ['<a,b']],
];

describe('parts of a list (RFC 3261 §7.3.1)', () => {
  for (const [value, parts] of table) {
    it(`${JSON.stringify(value)} -> ${JSON.stringify(parts)}`, () => {
      assert.deepEqual(splitList(value), parts);
    });
  }

  it('joined by commas are the list again', () => {
    const part = fc.constantFrom('a', '"x,y"', '<sip:a,b@c>;q=1', '"\\"", z', '');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const value = parts.join(',');
        assert.equal(splitList(value).join(',').replaceAll(' ', ''), value.replaceAll(' ', ''));
      }),
      { seed: 1 },
    );
  });
});
