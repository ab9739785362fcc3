import { DIGIT } from './byte-class.ts';
import { decimal, endOfToken, skipClass, skipSpace } from './grammar.ts';

/** Sequence numbers stay below 2^31 (RFC 3261 §8.1.1.5). */
const SEQUENCE_MAX = 2 ** 31 - 1;

/** Index at which the method of a well-formed CSeq value starts; it ends with the value. Else -1 (RFC 3261 §20.16). */
export function startOfCseqMethod(bytes: Uint8Array, start: number, end: number): number {
  const digitsEnd = skipClass(bytes, start, end, DIGIT);
  if (decimal(bytes, start, digitsEnd, SEQUENCE_MAX) < 0) return -1;
  const method = skipSpace(bytes, digitsEnd, end);
  return method > digitsEnd && endOfToken(bytes, method, end) === end ? method : -1;
}
