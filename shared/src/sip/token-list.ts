import { err, ok, type Result } from '../result.ts';
import { bytesOf, endOfToken, skipSpace } from './grammar.ts';
import { splitList } from './list.ts';
import type { SipFault } from './sip-fault.ts';

const COMMA = 0x2c;

/** Whether the bytes are tokens with commas between them, one at least: option tags, methods (RFC 3261 §25.1). */
export function isTokenList(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; ; at++) {
    at = endOfToken(bytes, skipSpace(bytes, at, end), end);
    if (at < 0) return false;
    at = skipSpace(bytes, at, end);
    if (at === end) return true;
    if (bytes[at] !== COMMA) return false;
  }
}

/** Reads Require, Proxy-Require, Supported, Allow …; case is kept. */
export function parseTokenList(text: string): Result<readonly string[], SipFault> {
  const bytes = bytesOf(text);
  const isWellFormed = bytes !== undefined && isTokenList(bytes, 0, bytes.length);
  return isWellFormed ? ok(splitList(text)) : err('sip-token-list-malformed');
}
