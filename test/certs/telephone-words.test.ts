import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TELEPHONE_WORDS } from '@sallyport/certs/telephone-words.ts';

const [EVEN, ODD] = TELEPHONE_WORDS;
const ALL = [...EVEN, ...ODD];

/** Letters to change, add or leave out on the way from one word to another (Levenshtein). */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, n) => n);
  for (const [n, letter] of [...left].entries()) {
    const next = [n + 1];
    for (const [m, other] of [...right].entries()) {
      const swap = (row[m] as number) + (letter === other ? 0 : 1);
      next.push(Math.min(swap, (row[m + 1] as number) + 1, (next[m] as number) + 1));
    }
    row = next;
  }
  return row.at(-1) as number;
}

describe('words for the telephone', () => {
  it('are 256 in each list, of 4 to 11 small letters', () => {
    assert.deepEqual([EVEN.length, ODD.length], [256, 256]);
    assert.deepEqual(
      ALL.filter((word) => !/^[a-z]{4,11}$/.test(word)),
      [],
    );
  });

  it('begin with four letters of their own', () => {
    assert.equal(new Set(ALL.map((word) => word.slice(0, 4))).size, 512);
  });

  it('are three letters or more apart', () => {
    const close = ALL.flatMap((word, n) =>
      ALL.slice(n + 1)
        .filter((other) => distance(word, other) < 3)
        .map((other) => `${word} ${other}`),
    );
    assert.deepEqual(close, []);
  });

  it('can be told from hexadecimal digits', () => {
    assert.deepEqual(
      ALL.filter((word) => /^[0-9a-f]+$/.test(word)),
      [],
    );
  });
});
