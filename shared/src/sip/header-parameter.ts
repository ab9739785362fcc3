import { ADDRESS } from './byte-class.ts';
import { endOfQuoted, endOfToken, skipClass, skipSpace } from './grammar.ts';
import { endOfHost, isIpv6 } from './host.ts';

const QUOTE = 0x22;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;

/**
 * One `;name=value` of a header field (RFC 3261 §25.1 `generic-param`), reused from parameter to parameter.
 *
 * A value is a token, a quoted string or a host. An IPv6 address may also stand bare, as `received` in
 * a Via has it (RFC 5118 §4.5).
 */
export class HeaderParameter {
  nameStart = 0;
  nameEnd = 0;
  /** -1 where there is no `=`. */
  valueStart = -1;
  valueEnd = -1;

  /** Reads the parameter whose semicolon is at `start`; returns the index past it and its white space, or -1. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    this.nameStart = skipSpace(bytes, start + 1, end);
    this.nameEnd = endOfToken(bytes, this.nameStart, end);
    this.valueStart = -1;
    this.valueEnd = -1;
    if (this.nameEnd < 0) return -1;
    let at = skipSpace(bytes, this.nameEnd, end);
    if (at >= end || bytes[at] !== EQUALS) return at;
    at = skipSpace(bytes, at + 1, end);
    const valueEnd = endOfValue(bytes, at, end);
    if (valueEnd < 0) return -1;
    this.valueStart = at;
    this.valueEnd = valueEnd;
    return skipSpace(bytes, valueEnd, end);
  }

  /** Whether its value is a quoted string with a backslash or semicolon, at which some readers take it to end. */
  isAmbiguous(bytes: Uint8Array): boolean {
    if (this.valueStart < 0 || bytes[this.valueStart] !== QUOTE) return false;
    for (let at = this.valueStart; at < this.valueEnd; at++) {
      if (bytes[at] === BACKSLASH || bytes[at] === SEMICOLON) return true;
    }
    return false;
  }
}

function endOfValue(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  const first = bytes[start];
  if (first === QUOTE) return endOfQuoted(bytes, start, end);
  if (first === OPEN) return endOfHost(bytes, start, end);
  const tokenEnd = endOfToken(bytes, start, end);
  if (first !== COLON && (tokenEnd < 0 || tokenEnd >= end || bytes[tokenEnd] !== COLON)) {
    return tokenEnd;
  }
  const addressEnd = skipClass(bytes, start, end, ADDRESS);
  return isIpv6(bytes, start, addressEnd) ? addressEnd : -1;
}
