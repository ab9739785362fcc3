import { err, ok, type Result } from '../result.ts';
import { WORD } from './byte-class.ts';
import { bytesOf, skipClass } from './grammar.ts';
import type { SipFault } from './sip-fault.ts';

const AT = 0x40;

/** Whether the bytes are `word [ "@" word ]` (RFC 3261 §20.8, §25.1). */
export function isCallId(bytes: Uint8Array, start: number, end: number): boolean {
  const at = skipClass(bytes, start, end, WORD);
  if (at === start) return false;
  if (at === end) return true;
  return bytes[at] === AT && at + 1 < end && skipClass(bytes, at + 1, end, WORD) === end;
}

/** Reads a Call-ID value, which is compared byte for byte and so stays as it is. */
export function parseCallId(text: string): Result<string, SipFault> {
  const bytes = bytesOf(text);
  const isWellFormed = bytes !== undefined && isCallId(bytes, 0, bytes.length);
  return isWellFormed ? ok(text) : err('sip-call-id-malformed');
}
