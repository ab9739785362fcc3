import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  missingIn,
  presentIn,
  type SequenceRanges,
  withRange,
} from '@sallyport/app-gateway/ledger/sequence-ranges.ts';
import fc from 'fast-check';

const HELD: SequenceRanges = [
  [10, 20],
  [30, 40],
];

describe('ranges of sequence numbers', () => {
  //  first, end, missing, together
  const rows: readonly (readonly [number, number, SequenceRanges, SequenceRanges])[] = [
    [0, 5, [[0, 5]], [[0, 5], ...HELD]],
    [
      0,
      10,
      [[0, 10]],
      [
        [0, 20],
        [30, 40],
      ],
    ],
    [10, 20, [], HELD],
    [12, 12, [], HELD],
    [15, 35, [[20, 30]], [[10, 40]]],
    [20, 30, [[20, 30]], [[10, 40]]],
    [
      21,
      29,
      [[21, 29]],
      [
        [10, 20],
        [21, 29],
        [30, 40],
      ],
    ],
    [
      0,
      50,
      [
        [0, 10],
        [20, 30],
        [40, 50],
      ],
      [[0, 50]],
    ],
    [
      40,
      41,
      [[40, 41]],
      [
        [10, 20],
        [30, 41],
      ],
    ],
    [50, 60, [[50, 60]], [...HELD, [50, 60]]],
  ];
  for (const [first, end, missing, together] of rows) {
    it(`[${first}, ${end})`, () => {
      assert.deepEqual(missingIn(HELD, first, end), missing);
      assert.deepEqual(withRange(HELD, first, end), together);
    });
  }

  it('are what a set of numbers would be', () => {
    const range = fc
      .tuple(fc.nat(40), fc.nat(12))
      .map(([first, count]) => [first, first + count] as const);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), range, (added, [first, end]) => {
        let ranges: SequenceRanges = [];
        const numbers = new Set<number>();
        for (const [from, to] of added) {
          ranges = withRange(ranges, from, to);
          for (let at = from; at < to; at++) numbers.add(at);
        }
        const members = ranges.flatMap(([from, to]) => upTo(from, to));
        assert.deepEqual(
          members,
          [...numbers].sort((a, b) => a - b),
        );
        for (let at = 1; at < ranges.length; at++) {
          assert.ok((ranges[at]?.[0] ?? 0) > (ranges[at - 1]?.[1] ?? 0));
        }
        assert.deepEqual(
          missingIn(ranges, first, end).flatMap(([from, to]) => upTo(from, to)),
          upTo(first, end).filter((at) => !numbers.has(at)),
        );
        assert.deepEqual(
          presentIn(ranges, first, end).flatMap(([from, to]) => upTo(from, to)),
          upTo(first, end).filter((at) => numbers.has(at)),
        );
      }),
      { seed: 7 },
    );
  });
});

function upTo(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, at) => first + at);
}
