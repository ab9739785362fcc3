import { endOfToken, skipSpace } from './grammar.ts';
import { HeaderParameter } from './header-parameter.ts';

const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const parameter = new HeaderParameter();

/** Whether the bytes are `type/subtype` and parameters that all have a value (RFC 3261 §20.15). */
export function isContentType(bytes: Uint8Array, start: number, end: number): boolean {
  let at = endOfSubtype(bytes, start, end);
  if (at < 0) return false;
  while (at < end && bytes[at] === SEMICOLON) {
    at = parameter.scan(bytes, at, end);
    if (at < 0 || parameter.valueStart < 0) return false;
  }
  return at === end;
}

/** Index past the subtype and the white space behind it, or -1. */
function endOfSubtype(bytes: Uint8Array, start: number, end: number): number {
  const typeEnd = endOfToken(bytes, start, end);
  if (typeEnd < 0) return -1;
  const slash = skipSpace(bytes, typeEnd, end);
  if (slash >= end || bytes[slash] !== SLASH) return -1;
  const subtypeEnd = endOfToken(bytes, skipSpace(bytes, slash + 1, end), end);
  return subtypeEnd < 0 ? -1 : skipSpace(bytes, subtypeEnd, end);
}
