import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PlaceUnion } from '@sallyport/app-gateway/ledger/place-union.ts';
import { SeededRandom } from '../../fuzz/mutator.ts';

type Span = readonly [from: number, until: number];

function unionOf(spans: readonly Span[]): PlaceUnion {
  const union = new PlaceUnion();
  for (const [from, until] of spans) union.add(from, until);
  return union;
}

describe('the places that some records speak of', () => {
  //  spans                       asked      all of them  any of them
  const table: readonly (readonly [readonly Span[], Span, boolean, boolean])[] = [
    [[], [3, 5], false, false],
    [[[3, 5]], [3, 5], true, true],
    [[[3, 5]], [2, 4], false, true],
    [[[3, 5]], [4, 6], false, true],
    [[[3, 5]], [1, 3], false, false],
    [[[3, 5]], [5, 7], false, false],
    [
      [
        [5, 7],
        [3, 5],
      ],
      [3, 7],
      true,
      true,
    ],
    [
      [
        [1, 2],
        [8, 9],
        [0, 10],
      ],
      [2, 8],
      true,
      true,
    ],
    [[[4, 4]], [3, 5], false, false],
    [[[3, 5]], [4, 4], true, false],
    [[], [4, 4], true, false],
  ];
  for (const [spans, [from, until], all, any] of table) {
    it(`${JSON.stringify(spans)}: of ${from} to ${until} ${all ? 'all' : 'not all'}, ${any ? 'some' : 'none'}`, () => {
      const union = unionOf(spans);
      assert.equal(union.covers(from, until), all);
      assert.equal(union.touches(from, until), any);
    });
  }

  it('are those of a set, whatever comes in whatever order', () => {
    const random = new SeededRandom(20_261_123);
    const place = () => random.below(40);
    for (let turn = 0; turn < 2000; turn++) {
      const union = new PlaceUnion();
      const set = new Set<number>();
      for (let count = random.below(12); count > 0; count--) {
        const from = place();
        const until = from + random.below(6);
        union.add(from, until);
        for (let at = from; at < until; at++) set.add(at);
      }
      const from = place();
      const until = from + random.below(8);
      const asked = Array.from({ length: until - from }, (_, at) => set.has(from + at));
      assert.equal(union.covers(from, until), asked.every(Boolean));
      assert.equal(union.touches(from, until), asked.some(Boolean));
    }
  });
});
