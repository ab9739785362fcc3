import { err, ok, type Result } from '../result.ts';
import { bytesOf, decimal } from './grammar.ts';
import type { SipFault } from './sip-fault.ts';

/** Longest time that SIP can say, in seconds (RFC 3261 §20.19). */
export const EXPIRES_MAX = 2 ** 32 - 1;

/** Reads an Expires or Min-Expires value: seconds. */
export function parseExpires(text: string): Result<number, SipFault> {
  const bytes = bytesOf(text);
  const seconds = bytes === undefined ? -1 : decimal(bytes, 0, bytes.length, EXPIRES_MAX);
  return seconds < 0 ? err('sip-expires-malformed') : ok(seconds);
}
