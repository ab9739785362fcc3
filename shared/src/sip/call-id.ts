import { WORD } from './byte-class.ts';
import { skipClass } from './grammar.ts';

const AT = 0x40;

/** Whether the bytes are `word [ "@" word ]` (RFC 3261 §20.8, §25.1); a Call-ID is compared byte for byte and so stays as it is. */
export function isCallId(bytes: Uint8Array, start: number, end: number): boolean {
  const at = skipClass(bytes, start, end, WORD);
  if (at === start) return false;
  if (at === end) return true;
  return bytes[at] === AT && at + 1 < end && skipClass(bytes, at + 1, end, WORD) === end;
}
