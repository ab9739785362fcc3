import { err, ok, type Result } from '../result.ts';
import { DIGIT } from './byte-class.ts';
import { bytesOf, decimal, endOfToken, skipClass, skipSpace } from './grammar.ts';
import type { SipFault } from './sip-fault.ts';

/** Which request of its dialog a message belongs to (RFC 3261 §20.16). */
export interface Cseq {
  readonly sequence: number;
  readonly method: string;
}

/** Sequence numbers stay below 2^31 (RFC 3261 §8.1.1.5). */
const SEQUENCE_MAX = 2 ** 31 - 1;

/** Index at which the method of a well-formed CSeq value starts; it ends with the value. Else -1. */
export function startOfCseqMethod(bytes: Uint8Array, start: number, end: number): number {
  const digitsEnd = skipClass(bytes, start, end, DIGIT);
  if (decimal(bytes, start, digitsEnd, SEQUENCE_MAX) < 0) return -1;
  const method = skipSpace(bytes, digitsEnd, end);
  return method > digitsEnd && endOfToken(bytes, method, end) === end ? method : -1;
}

/** Reads a CSeq value. */
export function parseCseq(text: string): Result<Cseq, SipFault> {
  const bytes = bytesOf(text);
  const method = bytes === undefined ? -1 : startOfCseqMethod(bytes, 0, bytes.length);
  if (method < 0) return err('sip-cseq-malformed');
  return ok({ sequence: Number.parseInt(text, 10), method: text.slice(method) });
}

/** A CSeq value as text. */
export function formatCseq(cseq: Cseq): string {
  return `${cseq.sequence} ${cseq.method}`;
}
