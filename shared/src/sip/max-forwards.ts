import { err, ok, type Result } from '../result.ts';
import { bytesOf, decimal } from './grammar.ts';
import type { SipFault } from './sip-fault.ts';

/** Hops left at most (RFC 3261 §20.22). */
export const MAX_FORWARDS_MAX = 255;

/** Reads a Max-Forwards value: a number of hops from 0 to 255, leading zeros allowed. */
export function parseMaxForwards(text: string): Result<number, SipFault> {
  const bytes = bytesOf(text);
  const hops = bytes === undefined ? -1 : decimal(bytes, 0, bytes.length, MAX_FORWARDS_MAX);
  return hops < 0 ? err('sip-max-forwards-malformed') : ok(hops);
}
