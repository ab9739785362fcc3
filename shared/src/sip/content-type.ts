import { err, ok, type Result } from '../result.ts';
import { bytesOf, endOfToken, skipSpace } from './grammar.ts';
import { HeaderParameter } from './header-parameter.ts';
import { type Parameters, parseParameters } from './parameters.ts';
import type { SipFault } from './sip-fault.ts';

/** What a body is (RFC 3261 §20.15). */
export interface ContentType {
  /** `type/subtype` in lower case. */
  readonly mediaType: string;
  readonly parameters: Parameters;
}

const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const parameter = new HeaderParameter();

/** Whether the bytes are `type/subtype` and parameters that all have a value. */
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

/** Reads a Content-Type value. */
export function parseContentType(text: string): Result<ContentType, SipFault> {
  const bytes = bytesOf(text);
  if (bytes === undefined || !isContentType(bytes, 0, bytes.length)) {
    return err('sip-content-type-malformed');
  }
  const at = endOfSubtype(bytes, 0, bytes.length);
  const parameters = parseParameters(text, bytes, at);
  if (parameters === undefined) return err('sip-content-type-malformed');
  return ok({ mediaType: text.slice(0, at).replace(/\s/g, '').toLowerCase(), parameters });
}
