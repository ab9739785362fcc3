import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  flag,
  integer,
  list,
  ofPayload,
  oneOf,
  record,
  text,
} from '@sallyport/shared/channel/strict-json.ts';
import fc from 'fast-check';

interface Sample {
  readonly word: string;
  readonly number: number;
  readonly isOn: boolean;
  readonly kind: 'a' | 'b';
  readonly items: readonly number[];
  readonly inner?: { readonly x: number };
}

const sample = record<Sample>(
  {
    word: text(5, /^[a-z]+$/, 'letters'),
    number: integer(1, 9),
    isOn: flag,
    kind: oneOf('a', 'b'),
    items: list(2, integer(0, 9), 1),
    inner: record<{ x: number }>({ x: integer(0, 1) }),
  },
  ['inner'],
);

const GOOD = { word: 'abc', number: 3, isOn: true, kind: 'b', items: [1, 2] };

function problemsOf(json: string | Buffer): readonly string[] {
  const bytes = Buffer.concat([Buffer.from('##'), Buffer.from(json), Buffer.from('##')]);
  const decoded = ofPayload(sample)(bytes, 2, bytes.length - 2);
  return decoded.ok ? [] : decoded.error;
}

//  change to a good document            problems
const table: readonly (readonly [object, readonly string[]])[] = [
  [{}, []],
  [{ inner: { x: 1 } }, []],
  [{ word: 'abcdef' }, ['word: expected letters, at most 5 characters']],
  [{ word: 'aB' }, ['word: expected letters, at most 5 characters']],
  [{ word: 5 }, ['word: expected letters, at most 5 characters']],
  [{ number: 0 }, ['number: expected a whole number from 1 to 9']],
  [{ number: 10 }, ['number: expected a whole number from 1 to 9']],
  [{ number: 1.5 }, ['number: expected a whole number from 1 to 9']],
  [{ number: '1' }, ['number: expected a whole number from 1 to 9']],
  [{ isOn: 1 }, ['isOn: expected true or false']],
  [{ kind: 'c' }, ['kind: expected one of a, b']],
  [{ items: [] }, ['items: expected a list of 1 to 2 items']],
  [{ items: [1, 2, 3] }, ['items: expected a list of 1 to 2 items']],
  [{ items: [1, 99] }, ['items[1]: expected a whole number from 0 to 9']],
  [{ inner: { x: 2 } }, ['inner.x: expected a whole number from 0 to 1']],
  [{ inner: { x: 1, y: 2 } }, ['inner."y": unknown key']],
  [{ inner: [] }, ['inner: expected an object']],
  [{ inner: null }, ['inner: expected an object']],
  [{ extra: 1 }, ['"extra": unknown key']],
  [
    { word: '', kind: 0, extra: 1 },
    [
      '"extra": unknown key',
      'word: expected letters, at most 5 characters',
      'kind: expected one of a, b',
    ],
  ],
];

describe('strict JSON', () => {
  for (const [change, problems] of table) {
    it(`${JSON.stringify(change)}: ${problems.join('; ') || 'good'}`, () => {
      assert.deepEqual(problemsOf(JSON.stringify({ ...GOOD, ...change })), problems);
    });
  }

  it('reports every missing key', () => {
    assert.deepEqual(problemsOf('{"word":"a"}'), [
      'number: missing',
      'isOn: missing',
      'kind: missing',
      'items: missing',
    ]);
  });

  for (const key of ['__proto__', 'constructor', 'toString']) {
    it(`takes ${key} for an unknown key`, () => {
      const json = `${JSON.stringify(GOOD).slice(0, -1)},"${key}":{"word":"x"}}`;
      assert.deepEqual(problemsOf(json), [`"${key}": unknown key`]);
    });
  }

  for (const json of ['', '{', '[]x', 'null', '[]', '7', Buffer.from([0x22, 0xff, 0x22])]) {
    it(`refuses ${JSON.stringify(json)}`, () => {
      assert.equal(problemsOf(json).length, 1);
    });
  }

  it('never throws and never reports without end', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), (json) => {
        assert.ok(problemsOf(json).length <= 100);
      }),
    );
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 1]));
    assert.equal(problemsOf(JSON.stringify(many)).length, 100);
  });
});
