import { timingSafeEqual } from 'node:crypto';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { parseSpoken, SPOKEN_BYTES, type SpokenFault } from './fingerprint-words.ts';

/** What somebody typed or wrote down from the telephone, as octets to compare. */
export interface TypedFingerprint {
  readonly method: 'fingerprint' | 'words';
  /** The whole fingerprint, or of words the first octets, in lower-case hexadecimal. */
  readonly hex: string;
}

/** Why a typed text stands for no fingerprint: nothing was compared, so nothing was refused. */
export type TypedFault =
  | SpokenFault
  | { readonly code: 'fingerprint-length-wrong'; readonly digits: number };

const FINGERPRINT_DIGITS = 64;
const TYPED_CHARS_MAX = 1000;

/**
 * Reads what was typed: all 64 digits, with or without spaces, colons and hyphens, or the eleven words.
 *
 * Never a part of the digits: people would compare the first four.
 */
export function parseTypedFingerprint(text: string): Result<TypedFingerprint, TypedFault> {
  const typed = text.slice(0, TYPED_CHARS_MAX);
  const digits = typed.replace(/^\s*sha-?256[:\s]/i, '').replace(/[\s:.-]+/g, '');
  if (/\d/.test(typed) && /^[0-9a-f]+$/i.test(digits)) {
    return digits.length === FINGERPRINT_DIGITS
      ? ok({ method: 'fingerprint', hex: digits.toLowerCase() })
      : err({ code: 'fingerprint-length-wrong', digits: digits.length });
  }
  const spoken = parseSpoken(typed);
  return spoken.ok ? ok({ method: 'words', hex: spoken.value.toString('hex') }) : spoken;
}

/** Whether a typed fingerprint is the one on file; takes the same time wherever they differ. */
export function matchesFingerprint(typed: TypedFingerprint, fingerprint: string): boolean {
  const asked = Buffer.from(typed.hex, 'hex');
  const whole = Buffer.from(fingerprint, 'hex');
  const isComparable = asked.length === whole.length || asked.length === SPOKEN_BYTES;
  if (whole.length * 2 !== FINGERPRINT_DIGITS || !isComparable) return false;
  return timingSafeEqual(asked, whole.subarray(0, asked.length));
}
