import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatParameters, parseParameters } from '@sallyport/shared/sip/parameters.ts';
import fc from 'fast-check';

//  text                parameters
const table: readonly (readonly [
  string,
  readonly (readonly [string, string | undefined])[] | undefined,
])[] = [
  ['', []],
  [';a', [['a', undefined]]],
  [
    ';A=B;c="d;e"',
    [
      ['a', 'B'],
      ['c', '"d;e"'],
    ],
  ],
  ['a', undefined],
  [';a;', undefined],
  [';a;A', undefined],
  [';a=1;a=1', undefined],
  [';a b', undefined],
  [';a,', undefined],
];

describe('parameters of a field', () => {
  for (const [text, parameters] of table) {
    it(`${JSON.stringify(text)}`, () => {
      const expected = parameters && new Map(parameters);
      assert.deepEqual(parseParameters(text, Buffer.from(text), 0), expected);
    });
  }

  it('parse(format(parameters)) are the parameters', () => {
    const token = fc.stringMatching(/^[a-z0-9.!%*_+`'~-]{1,6}$/);
    const value = fc.oneof(token, fc.constantFrom('"a b"', '[::1]', '"\\""'));
    const pairs = fc.array(fc.tuple(token, fc.option(value, { nil: undefined })));
    fc.assert(
      fc.property(pairs, (entries) => {
        const parameters = new Map(entries);
        const text = formatParameters(parameters);
        assert.deepEqual(parseParameters(text, Buffer.from(text), 0), parameters);
      }),
      { seed: 1 },
    );
  });
});
