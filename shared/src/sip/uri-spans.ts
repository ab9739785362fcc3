import {
  ALPHA,
  BYTE_CLASS,
  OPAQUE,
  PARAMETER,
  PASSWORD,
  SCHEME,
  TOKEN,
  URI_HEADER,
  USER,
} from './byte-class.ts';
import { decimal, endOfPort, isWord, skipClass, skipEscaped } from './grammar.ts';
import { endOfHost } from './host.ts';

const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUESTION = 0x3f;
const AT = 0x40;
const AMPERSAND = 0x26;

const TRANSPORT = Buffer.from('transport');
const MADDR = Buffer.from('maddr');
const METHOD = Buffer.from('method');
const USER_PARAMETER = Buffer.from('user');
const TTL = Buffer.from('ttl');

/**
 * Where the parts of a SIP or SIPS URI lie in the bytes of a message (RFC 3261 §19.1.1, §25.1).
 *
 * Reused from URI to URI, so that checking a message makes no object; -1 means that a part is absent.
 */
export class UriSpans {
  isSecure = false;
  userStart = -1;
  userEnd = -1;
  passwordStart = -1;
  passwordEnd = -1;
  hostStart = -1;
  hostEnd = -1;
  portStart = -1;
  portEnd = -1;
  parametersStart = -1;
  parametersEnd = -1;
  headersStart = -1;
  headersEnd = -1;

  /** Whether the bytes from `start` to `end` are one SIP or SIPS URI; the spans say where its parts are. */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    const schemeEnd = endOfSipScheme(bytes, start, end);
    if (schemeEnd < 0) return false;
    this.isSecure = schemeEnd - start === 5;
    this.userStart = -1;
    this.passwordStart = -1;
    this.portStart = -1;
    this.headersStart = -1;
    let at = this.#scanUserInfo(bytes, schemeEnd, end);
    if (at < 0) return false;
    this.hostStart = at;
    at = endOfHost(bytes, at, end);
    this.hostEnd = at;
    if (at < 0) return false;
    if (at < end && bytes[at] === COLON) {
      this.portStart = at + 1;
      at = endOfPort(bytes, at + 1, end);
      this.portEnd = at;
      if (at < 0) return false;
    }
    this.parametersStart = at;
    while (at < end && bytes[at] === SEMICOLON) {
      at = scanParameter(bytes, at + 1, end);
      if (at < 0) return false;
    }
    this.parametersEnd = at;
    return at === end || this.#scanHeaders(bytes, at, end);
  }

  /** Index of the host: past `@` where there is a user; -1 on a bad escape or an empty user. */
  #scanUserInfo(bytes: Uint8Array, start: number, end: number): number {
    const userEnd = skipEscaped(bytes, start, end, USER);
    if (userEnd < 0 || userEnd === end) return userEnd < 0 ? -1 : start;
    let at = userEnd;
    if (bytes[at] === COLON) {
      at = skipEscaped(bytes, at + 1, end, PASSWORD);
      if (at < 0) return -1;
    }
    if (at === end || bytes[at] !== AT) return start;
    if (userEnd === start) return -1;
    this.userStart = start;
    this.userEnd = userEnd;
    if (at > userEnd) {
      this.passwordStart = userEnd + 1;
      this.passwordEnd = at;
    }
    return at + 1;
  }

  /** `?name=value&name=value`, values possibly empty, to the end. */
  #scanHeaders(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] !== QUESTION) return false;
    this.headersStart = start + 1;
    this.headersEnd = end;
    let at = start;
    do {
      const nameEnd = skipEscaped(bytes, at + 1, end, URI_HEADER);
      if (nameEnd <= at + 1 || nameEnd >= end || bytes[nameEnd] !== EQUALS) return false;
      at = skipEscaped(bytes, nameEnd + 1, end, URI_HEADER);
    } while (at > 0 && at < end && bytes[at] === AMPERSAND);
    return at === end;
  }
}

/** Index past `sip:` or `sips:` in any case, or -1. */
export function endOfSipScheme(bytes: Uint8Array, start: number, end: number): number {
  const isSip =
    start + 4 <= end &&
    ((bytes[start] as number) | 0x20) === 0x73 &&
    ((bytes[start + 1] as number) | 0x20) === 0x69 &&
    ((bytes[start + 2] as number) | 0x20) === 0x70;
  if (!isSip) return -1;
  if (bytes[start + 3] === COLON) return start + 4;
  return start + 5 <= end &&
    ((bytes[start + 3] as number) | 0x20) === 0x73 &&
    bytes[start + 4] === COLON
    ? start + 5
    : -1;
}

/** Index past `scheme:` of any URI whose rest is made of URI bytes only, or -1 (RFC 3261 §25.1 `absoluteURI`). */
export function endOfScheme(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || ((BYTE_CLASS[bytes[start] as number] as number) & ALPHA) === 0) return -1;
  const schemeEnd = skipClass(bytes, start, end, SCHEME);
  if (schemeEnd + 1 >= end || bytes[schemeEnd] !== COLON) return -1;
  return skipEscaped(bytes, schemeEnd + 1, end, OPAQUE) === end ? schemeEnd + 1 : -1;
}

/** One `name` or `name=value`; the parameters that routing depends on must also hold what their rule says. */
function scanParameter(bytes: Uint8Array, start: number, end: number): number {
  const nameEnd = skipEscaped(bytes, start, end, PARAMETER);
  if (nameEnd <= start) return -1;
  if (nameEnd >= end || bytes[nameEnd] !== EQUALS) return nameEnd;
  const valueEnd = skipEscaped(bytes, nameEnd + 1, end, PARAMETER);
  if (valueEnd <= nameEnd + 1) return -1;
  return isKnownValue(bytes, start, nameEnd, nameEnd + 1, valueEnd) ? valueEnd : -1;
}

function isKnownValue(
  bytes: Uint8Array,
  start: number,
  nameEnd: number,
  valueStart: number,
  valueEnd: number,
): boolean {
  switch (nameEnd - start) {
    case 3:
      return !isWord(bytes, start, nameEnd, TTL) || decimal(bytes, valueStart, valueEnd, 255) >= 0;
    case 4:
      return (
        !isWord(bytes, start, nameEnd, USER_PARAMETER) || isTokenTo(bytes, valueStart, valueEnd)
      );
    case 5:
      return (
        !isWord(bytes, start, nameEnd, MADDR) || endOfHost(bytes, valueStart, valueEnd) === valueEnd
      );
    case 6:
      return !isWord(bytes, start, nameEnd, METHOD) || isTokenTo(bytes, valueStart, valueEnd);
    case 9:
      return !isWord(bytes, start, nameEnd, TRANSPORT) || isTokenTo(bytes, valueStart, valueEnd);
    default:
      return true;
  }
}

function isTokenTo(bytes: Uint8Array, start: number, end: number): boolean {
  return skipClass(bytes, start, end, TOKEN) === end;
}
