import { hash } from 'node:crypto';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { TELEPHONE_WORDS } from './telephone-words.ts';

/** How many octets of a fingerprint are spoken: 80 bits; a check word follows them. */
export const SPOKEN_BYTES = 10;

/** Why words that somebody read aloud stand for no fingerprint. */
export type SpokenFault =
  | { readonly code: 'words-count-wrong'; readonly found: number; readonly wanted: number }
  | { readonly code: 'word-unknown'; readonly place: number }
  /** The word belongs to the other list: one before it was left out, said twice or swapped. */
  | { readonly code: 'word-misplaced'; readonly place: number }
  | { readonly code: 'check-word-wrong' };

/**
 * A fingerprint as eleven words for the telephone: its first ten octets and a check word.
 *
 * Strength: whoever wants another set of keys that reads the same needs 2^80 attempts. The check word adds
 * nothing to that; it finds 255 of 256 slips of the tongue that the two lists let through.
 */
export function formatSpoken(fingerprint: string): readonly string[] {
  const octets = Buffer.from(fingerprint, 'hex').subarray(0, SPOKEN_BYTES);
  return [...octets, checkOctet(octets)].map((octet, n) => listAt(n)[octet] as string);
}

/** Reads words back into the first octets of the fingerprint; case, spaces, hyphens and commas do not matter. */
export function parseSpoken(text: string): Result<Buffer, SpokenFault> {
  const words = text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  const octets: number[] = [];
  for (const [n, word] of words.slice(0, SPOKEN_BYTES + 1).entries()) {
    const octet = listAt(n).indexOf(word);
    if (octet < 0) {
      const isMisplaced = listAt(n + 1).includes(word);
      return err({ code: isMisplaced ? 'word-misplaced' : 'word-unknown', place: n + 1 });
    }
    octets.push(octet);
  }
  if (words.length !== SPOKEN_BYTES + 1) {
    return err({ code: 'words-count-wrong', found: words.length, wanted: SPOKEN_BYTES + 1 });
  }
  const spoken = Buffer.from(octets.slice(0, SPOKEN_BYTES));
  return octets[SPOKEN_BYTES] === checkOctet(spoken)
    ? ok(spoken)
    : err({ code: 'check-word-wrong' });
}

function checkOctet(octets: Buffer): number {
  const sum = hash(
    'sha256',
    Buffer.concat([Buffer.from('sallyport words v1\n'), octets]),
    'buffer',
  );
  return sum[0] as number;
}

function listAt(place: number): readonly string[] {
  return TELEPHONE_WORDS[place % 2 === 0 ? 0 : 1];
}
