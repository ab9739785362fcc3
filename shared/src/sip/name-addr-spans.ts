import { BYTE_CLASS, TOKEN, URI } from './byte-class.ts';
import { endOfQuoted, isWord, skipClass, skipSpace } from './grammar.ts';
import { HeaderParameter } from './header-parameter.ts';
import { endOfScheme, endOfSipScheme, UriSpans } from './uri-spans.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const LESS = 0x3c;
const GREATER = 0x3e;
const QUESTION = 0x3f;

const TAG = Buffer.from('tag');
const parameter = new HeaderParameter();

/** A binding of this module: in a loop an imported one costs three times as much. */
const CLASS = BYTE_CLASS;
const URI_BYTE = URI;

/**
 * Where the parts of one From, To, Contact, Route … value lie: `name-addr` or `addr-spec`, and parameters
 * (RFC 3261 §20.10, §25.1). Reused from value to value; -1 means that a part is absent.
 */
export class NameAddrSpans {
  displayNameStart = -1;
  displayNameEnd = -1;
  isBracketed = false;
  /** Whether the URI is a SIP or SIPS URI, so that `uri` holds its parts. */
  isSip = false;
  uriStart = 0;
  uriEnd = 0;
  readonly uri = new UriSpans();
  parametersStart = 0;
  tagStart = -1;
  tagEnd = -1;
  /** Whether one of the parameters is read differently by different readers. */
  isAmbiguous = false;

  /** Reads the value at `start`; returns the index past it, where the field ends or a comma stands; or -1. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    this.tagStart = -1;
    this.displayNameStart = -1;
    this.isAmbiguous = false;
    const at = skipSpace(bytes, start, end);
    const less = this.#scanDisplayName(bytes, at, end);
    this.isBracketed = less >= 0;
    const uriEnd =
      less < 0 ? this.#scanBare(bytes, at, end) : this.#scanBracketed(bytes, less, end);
    if (uriEnd < 0) return -1;
    this.parametersStart = skipSpace(bytes, uriEnd, end);
    return this.#scanParameters(bytes, this.parametersStart, end);
  }

  /** Index of `<`, or -1 where there is none behind a display name: then this is no `name-addr`. */
  #scanDisplayName(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (bytes[at] === QUOTE) {
      at = endOfQuoted(bytes, at, end);
      if (at < 0) return -1;
      this.displayNameEnd = at;
      at = skipSpace(bytes, at, end);
    } else {
      let next = at;
      while (next < end) {
        at = skipClass(bytes, next, end, TOKEN);
        if (at === next) break;
        this.displayNameEnd = at;
        next = skipSpace(bytes, at, end);
      }
      at = next;
    }
    if (at >= end || bytes[at] !== LESS) return -1;
    if (at > start) this.displayNameStart = start;
    return at;
  }

  #scanBracketed(bytes: Uint8Array, less: number, end: number): number {
    this.uriStart = less + 1;
    this.uriEnd = skipClass(bytes, less + 1, end, URI);
    if (this.uriEnd >= end || bytes[this.uriEnd] !== GREATER) return -1;
    return this.#scanUri(bytes) ? this.uriEnd + 1 : -1;
  }

  /** Without brackets a semicolon ends the URI, and a comma or question mark may not stand in it (§20). */
  #scanBare(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (((CLASS[byte] as number) & URI_BYTE) === 0) break;
      if (byte === SEMICOLON || byte === COMMA || byte === QUESTION) break;
    }
    if (at < end && bytes[at] === QUESTION) return -1;
    this.uriStart = start;
    this.uriEnd = at;
    return this.#scanUri(bytes) ? at : -1;
  }

  #scanUri(bytes: Uint8Array): boolean {
    this.isSip = endOfSipScheme(bytes, this.uriStart, this.uriEnd) >= 0;
    return this.isSip
      ? this.uri.scan(bytes, this.uriStart, this.uriEnd)
      : endOfScheme(bytes, this.uriStart, this.uriEnd) >= 0;
  }

  #scanParameters(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && bytes[at] === SEMICOLON) {
      at = parameter.scan(bytes, at, end);
      if (at < 0) return -1;
      this.isAmbiguous ||= parameter.isAmbiguous(bytes);
      if (!isWord(bytes, parameter.nameStart, parameter.nameEnd, TAG)) continue;
      const isToken =
        parameter.valueStart >= 0 &&
        skipClass(bytes, parameter.valueStart, parameter.valueEnd, TOKEN) === parameter.valueEnd;
      if (!isToken || this.tagStart >= 0) return -1;
      this.tagStart = parameter.valueStart;
      this.tagEnd = parameter.valueEnd;
    }
    return at === end || bytes[at] === COMMA ? at : -1;
  }
}
