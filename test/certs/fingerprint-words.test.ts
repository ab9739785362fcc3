import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { formatSpoken, parseSpoken, SPOKEN_BYTES } from '@sallyport/certs/fingerprint-words.ts';
import { TELEPHONE_WORDS } from '@sallyport/certs/telephone-words.ts';
import fc from 'fast-check';

const FINGERPRINT = createHash('sha256').update('a set').digest('hex');
const WORDS = formatSpoken(FINGERPRINT);
const SPOKEN = FINGERPRINT.slice(0, SPOKEN_BYTES * 2);
const [EVEN] = TELEPHONE_WORDS;

function spokenOf(text: string): string {
  const parsed = parseSpoken(text);
  return parsed.ok ? parsed.value.toString('hex') : parsed.error.code;
}

/** The words with one place changed. */
function withWord(place: number, word: string): string {
  return WORDS.with(place, word).join(' ');
}

const swapped = (n: number, m: number) =>
  WORDS.with(n, WORDS[m] as string)
    .with(m, WORDS[n] as string)
    .join(' ');
const otherEven = EVEN[(EVEN.indexOf(WORDS[2] as string) + 1) % 256] as string;

const rows: readonly (readonly [name: string, text: string, found: string])[] = [
  ['as written', WORDS.join(' '), SPOKEN],
  ['in capitals', WORDS.join(' ').toUpperCase(), SPOKEN],
  ['with hyphens', WORDS.join('-'), SPOKEN],
  ['numbered, on lines', WORDS.map((word, n) => `${n + 1}. ${word},\r\n`).join(''), SPOKEN],
  ['one left out at the start', WORDS.slice(1).join(' '), 'word-misplaced'],
  ['one left out within', WORDS.toSpliced(4, 1).join(' '), 'word-misplaced'],
  ['one said twice', WORDS.toSpliced(4, 0, WORDS[4] as string).join(' '), 'word-misplaced'],
  ['check word left out', WORDS.slice(0, -1).join(' '), 'words-count-wrong'],
  ['one more at the end', `${WORDS.join(' ')} abacus`, 'words-count-wrong'],
  ['neighbours swapped', swapped(3, 4), 'word-misplaced'],
  ['swapped within one list', swapped(2, 4), 'check-word-wrong'],
  ['another word of the list', withWord(2, otherEven), 'check-word-wrong'],
  ['a word of no list', withWord(2, 'sallyport'), 'word-unknown'],
  ['nothing', '', 'words-count-wrong'],
];

describe('fingerprint as words', () => {
  it('is eleven words, always the same for one fingerprint', () => {
    assert.equal(
      formatSpoken('00'.repeat(32)).join(' '),
      'alpine abacus alpine abacus alpine abacus alpine abacus alpine abacus flag',
    );
  });

  for (const [name, text, found] of rows) {
    it(`${name}: ${found === SPOKEN ? 'read' : found}`, () => assert.equal(spokenOf(text), found));
  }

  it('names the place of the wrong word', () => {
    const parsed = parseSpoken(withWord(6, 'sallyport'));
    assert.deepEqual(parsed, { ok: false, error: { code: 'word-unknown', place: 7 } });
  });

  it('reads back whatever it wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (octets) => {
        const hex = Buffer.from(octets).toString('hex');
        assert.equal(spokenOf(formatSpoken(hex).join(' ')), hex.slice(0, SPOKEN_BYTES * 2));
      }),
      { seed: 20_261 },
    );
  });
});
