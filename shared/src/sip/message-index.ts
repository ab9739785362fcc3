import { isUtf8 } from 'node:buffer';
import { ByteViews } from '../net/byte-views.ts';
import { BYTE_CLASS, HOST, TOKEN, URI } from './byte-class.ts';
import { areControlsQuoted, skipClass } from './grammar.ts';
import { HEADER_IDS, Header, type HeaderId, HOW_OFTEN, headerIdOf, Often } from './header-name.ts';
import { knownMethod } from './method-name.ts';
import { plainText } from './plain-text.ts';
import { skipPrintable } from './printable.ts';
import type { SipFault } from './sip-fault.ts';
import { hasVersion } from './sip-version.ts';
import { Wording } from './wording.ts';

/** Limits on one message; sizes in bytes. */
export interface MessageLimits {
  readonly headBytesMax: number;
  readonly bodyBytesMax: number;
  readonly requestUriBytesMax: number;
  readonly lineBytesMax: number;
  readonly headersMax: number;
}

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const SLASH = 0x2f;
const DEL = 0x7f;

/** Bindings of this module: in a loop imported ones cost three times as much. */
const CLASS = BYTE_CLASS;
const TOKEN_BYTE = TOKEN;
/** What names of fields are made of everywhere: letters, digits, hyphens, dots and underscores. */
const NAME_BYTE = HOST;
const URI_BYTE = URI;
const OFTEN = HOW_OFTEN;

/**
 * Where the parts of one SIP message lie in the bytes they came in.
 *
 * One pass over the head finds the start line, every header line and the body,
 * and refuses what could be read in two ways: bare CR or LF, control characters,
 * a repeated single-value field, a Content-Length that is missing, repeated or
 * not a number (RFC 3261 §7, §18.3). It makes no string and no object, so that
 * a busy connection costs no garbage: one index serves all messages of a thread
 * in turn, and its offsets are valid only until the next `scan`.
 */
export class MessageIndex {
  #limits: MessageLimits;
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  isRequest = false;
  methodEnd = 0;
  requestUriStart = 0;
  requestUriEnd = 0;
  status = 0;
  startLineEnd = 0;
  headerCount = 0;
  bodyStart = 0;
  end = 0;
  /** First thing wrong, if any. */
  fault: SipFault | undefined;
  /** True where the fault makes the position of the next message unknowable: answer if you can, then close. */
  fatal = false;
  ids: Uint8Array;
  lineStart: Int32Array;
  valueStart: Int32Array;
  valueEnd: Int32Array;
  lineEnd: Int32Array;
  /** By line: how it goes on, which is as it came for most. */
  wording: Uint8Array;
  /** Whether a line does not go on as it came. */
  isReworded = false;
  readonly #first = new Int16Array(HEADER_IDS).fill(-1);
  readonly #count = new Int16Array(HEADER_IDS);
  readonly #views = new ByteViews();
  #view: DataView = new DataView(new ArrayBuffer(0));
  #hasHigh = false;
  #hasControl = false;
  #text: string | undefined;
  #scanNumber = 0;

  constructor(limits: MessageLimits) {
    this.#limits = limits;
    this.ids = new Uint8Array(limits.headersMax);
    this.wording = new Uint8Array(limits.headersMax);
    this.lineStart = new Int32Array(limits.headersMax);
    this.valueStart = new Int32Array(limits.headersMax);
    this.valueEnd = new Int32Array(limits.headersMax);
    this.lineEnd = new Int32Array(limits.headersMax);
  }

  /**
   * Other limits from the next `scan` on; what an earlier one found is void.
   *
   * A reader in the middle of a message finishes it under the new ones.
   */
  relimit(limits: MessageLimits): void {
    this.#limits = limits;
    this.#forgetHeaders();
    if (limits.headersMax <= this.ids.length) return;
    this.ids = new Uint8Array(limits.headersMax);
    this.wording = new Uint8Array(limits.headersMax);
    this.lineStart = new Int32Array(limits.headersMax);
    this.valueStart = new Int32Array(limits.headersMax);
    this.valueEnd = new Int32Array(limits.headersMax);
    this.lineEnd = new Int32Array(limits.headersMax);
  }

  /**
   * Finds the message that starts at `start`, seeing bytes up to `end`.
   *
   * Returns the length of the message; 0 while more bytes are needed; -1 where not even its head can be
   * delimited. With a length, `fault` may still be set: the message is understood well enough to answer.
   * With a `fatal` fault the length covers the head only, and the connection must be closed.
   */
  scan(bytes: Buffer, start: number, end: number): number {
    this.#reset(bytes, start);
    const limits = this.#limits;
    const headMax = start + limits.headBytesMax;
    const stop = end < headMax ? end : headMax;
    let at = this.#scanStartLine(bytes, start, stop);
    while (at > 0) {
      if (at + 1 < stop && bytes[at] === CR && bytes[at + 1] === LF)
        return this.#finish(at + 2, end);
      at = this.#scanHeader(bytes, at, stop);
    }
    if (at < 0) return this.#fail(this.fault ?? 'sip-header-malformed');
    return end >= headMax ? this.#fail('sip-head-too-large') : 0;
  }

  get headBytesMax(): number {
    return this.#limits.headBytesMax;
  }

  /** Total bytes this message needs once its head is known, after `scan` returned 0; else 0. */
  get needed(): number {
    return this.end - this.start;
  }

  /** Different for every scan, so that what was read of a message can be told to be of this one. */
  get scanNumber(): number {
    return this.#scanNumber;
  }

  count(id: HeaderId): number {
    return this.#count[id] ?? 0;
  }

  /** Line number of the first field of that name, or -1. */
  first(id: HeaderId): number {
    return this.#first[id] ?? -1;
  }

  /** A field's value as plain latin1 text; bytes above 127 keep their value. */
  value(line: number): string {
    const text = this.textAt(this.valueStart[line] ?? 0, this.valueEnd[line] ?? 0);
    return this.wording[line] === Wording.plain ? text : plainText(text);
  }

  /** Value of the first field of that name, or undefined. */
  valueOf(id: HeaderId): string | undefined {
    const line = this.first(id);
    return line < 0 ? undefined : this.value(line);
  }

  method(): string {
    return (
      knownMethod(this.bytes, this.start, this.methodEnd) ?? this.textAt(this.start, this.methodEnd)
    );
  }

  requestUri(): string {
    return this.textAt(this.requestUriStart, this.requestUriEnd);
  }

  /**
   * The whole message as latin1 text. Whoever needs many texts of a message asks for this one first: all others are
   * then parts of it, which costs a fraction of reading each from the bytes, and keeps the whole as long as any lives.
   */
  text(): string {
    this.#text ??= this.bytes.toString('latin1', this.start, this.end);
    return this.#text;
  }

  /** Latin1 text of `bytes[start, end)`, which lie within the message. */
  textAt(start: number, end: number): string {
    return this.#text === undefined
      ? this.bytes.toString('latin1', start, end)
      : this.#text.slice(start - this.start, end - this.start);
  }

  #reset(bytes: Buffer, start: number): void {
    this.bytes = bytes;
    this.#view = this.#views.of(bytes);
    this.start = start;
    this.#text = undefined;
    this.#scanNumber++;
    this.#forgetHeaders();
    this.fault = undefined;
    this.fatal = false;
    this.status = 0;
    this.methodEnd = start;
    this.requestUriStart = start;
    this.requestUriEnd = start;
    this.end = start;
    this.#hasHigh = false;
    this.#hasControl = false;
  }

  /** Of the message before only what it had: filling the tables costs several times as much. */
  #forgetHeaders(): void {
    for (let line = 0; line < this.headerCount; line++) {
      const id = this.ids[line] as number;
      this.#first[id] = -1;
      this.#count[id] = 0;
    }
    this.headerCount = 0;
    this.isReworded = false;
  }

  #fail(fault: SipFault): number {
    this.fault = fault;
    this.fatal = true;
    return -1;
  }

  #note(fault: SipFault): void {
    if (this.fault === undefined) this.fault = fault;
  }

  #noteFatal(fault: SipFault): void {
    this.#note(fault);
    this.fatal = true;
  }

  /** Returns the index past the line's CRLF; 0 when it has not all arrived; -1 on a CR or LF by itself. */
  #lineEnd(bytes: Buffer, from: number, stop: number): number {
    const view = this.#view;
    for (let at = skipPrintable(view, from, stop); at < stop; ) {
      const byte = bytes[at] as number;
      if (byte === CR) {
        if (at + 1 >= stop) return 0;
        return bytes[at + 1] === LF ? at + 2 : this.#fail('sip-bare-line-break');
      }
      if (byte === LF) return this.#fail('sip-bare-line-break');
      if (byte > DEL) this.#hasHigh = true;
      else if (byte !== TAB) this.#hasControl = true;
      at = skipPrintable(view, at + 1, stop);
    }
    return 0;
  }

  #scanStartLine(bytes: Buffer, start: number, stop: number): number {
    const lineEnd = this.#lineEnd(bytes, start, stop);
    if (lineEnd <= 0) return lineEnd;
    this.startLineEnd = lineEnd;
    const end = lineEnd - 2;
    let at = start;
    while (at < end && ((CLASS[bytes[at] as number] as number) & TOKEN_BYTE) !== 0) at++;
    this.methodEnd = at;
    this.isRequest = bytes[at] !== SLASH;
    if (this.isRequest) this.#scanRequestLine(bytes, at, end);
    else this.#scanStatusLine(bytes, start, end);
    if (this.#hasControl) this.#note('sip-control-character');
    if (this.fault === 'sip-start-line-malformed' && !hasVersion(bytes, start, end)) {
      this.#noteFatal(this.fault);
    }
    return lineEnd;
  }

  /** Method SP Request-URI SP SIP-Version, exactly one space each (RFC 3261 §7.1). */
  #scanRequestLine(bytes: Buffer, methodEnd: number, end: number): void {
    if (methodEnd === this.start || bytes[methodEnd] !== SP) {
      return this.#note('sip-start-line-malformed');
    }
    let at = methodEnd + 1;
    this.requestUriStart = at;
    while (at < end && ((CLASS[bytes[at] as number] as number) & URI_BYTE) !== 0) at++;
    this.requestUriEnd = at;
    if (at === methodEnd + 1 || bytes[at] !== SP) return this.#note('sip-start-line-malformed');
    if (at - methodEnd - 1 > this.#limits.requestUriBytesMax) {
      return this.#note('sip-request-uri-too-long');
    }
    this.#scanVersion(bytes, at + 1, end);
  }

  /** SIP-Version SP Status-Code SP Reason-Phrase (RFC 3261 §7.2). */
  #scanStatusLine(bytes: Buffer, start: number, end: number): void {
    this.#scanVersion(bytes, start, start + 7);
    const hundreds = (bytes[start + 8] ?? 0) - 0x30;
    const tens = (bytes[start + 9] ?? 0) - 0x30;
    const ones = (bytes[start + 10] ?? 0) - 0x30;
    const digits =
      hundreds >= 1 && hundreds <= 6 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
    if (end < start + 12 || bytes[start + 7] !== SP || bytes[start + 11] !== SP || !digits) {
      return this.#note('sip-start-line-malformed');
    }
    this.status = hundreds * 100 + tens * 10 + ones;
  }

  /** `SIP/2.0`, letters in any case (RFC 3261 §7.1). */
  #scanVersion(bytes: Buffer, at: number, end: number): void {
    const isSip =
      ((bytes[at] ?? 0) | 0x20) === 0x73 &&
      ((bytes[at + 1] ?? 0) | 0x20) === 0x69 &&
      ((bytes[at + 2] ?? 0) | 0x20) === 0x70 &&
      bytes[at + 3] === 0x2f;
    if (!isSip) return this.#note('sip-start-line-malformed');
    if (
      end - at === 7 &&
      bytes[at + 4] === 0x32 &&
      bytes[at + 5] === 0x2e &&
      bytes[at + 6] === 0x30
    ) {
      return;
    }
    const version = bytes.toString('latin1', at + 4, end);
    this.#note(/^\d+\.\d+$/.test(version) ? 'sip-version-unsupported' : 'sip-start-line-malformed');
  }

  /** One header line with its folds; returns the index past it, 0 for more, -1 on a fatal fault. */
  #scanHeader(bytes: Buffer, start: number, stop: number): number {
    this.#hasControl = false;
    let lineEnd = this.#lineEnd(bytes, start, stop);
    let isFolded = false;
    for (;;) {
      if (lineEnd <= 0) return lineEnd;
      if (lineEnd >= stop) return 0;
      const next = bytes[lineEnd];
      if (next !== SP && next !== TAB) break;
      isFolded = true;
      lineEnd = this.#lineEnd(bytes, lineEnd, stop);
    }
    if (lineEnd - start > this.#limits.lineBytesMax) this.#note('sip-line-too-long');
    if (this.headerCount === this.#limits.headersMax) this.#noteFatal('sip-too-many-headers');
    else this.#addHeader(bytes, start, lineEnd, isFolded);
    return lineEnd;
  }

  #addHeader(bytes: Buffer, start: number, lineEnd: number, isFolded: boolean): void {
    let nameEnd = start;
    while (((CLASS[bytes[nameEnd] as number] as number) & NAME_BYTE) !== 0) nameEnd++;
    const hasOddName = ((CLASS[bytes[nameEnd] as number] as number) & TOKEN_BYTE) !== 0;
    if (hasOddName) nameEnd = skipClass(bytes, nameEnd, lineEnd, TOKEN_BYTE);
    let at = nameEnd;
    while (bytes[at] === SP || bytes[at] === TAB) at++;
    const hasSpaceBefore = at > nameEnd;
    const line = this.headerCount++;
    const isWellFormed = nameEnd > start && bytes[at] === COLON;
    const id = isWellFormed ? headerIdOf(this.#view, start, nameEnd) : Header.other;
    if (!isWellFormed) this.#note('sip-header-malformed');
    this.ids[line] = id;
    this.lineStart[line] = start;
    this.lineEnd[line] = lineEnd;
    at = isWellFormed ? at + 1 : start;
    let end = lineEnd;
    while (at < end && isSpace(bytes[at])) at++;
    while (end > at && isSpace(bytes[end - 1])) end--;
    this.valueStart[line] = at;
    this.valueEnd[line] = end;
    const isLoose = isFolded || hasSpaceBefore || end < lineEnd - 2 || this.#hasControl;
    this.#noteWording(line, isLoose, hasOddName);
    if (this.#hasControl && (id === Header.other || !areControlsQuoted(bytes, at, end))) {
      this.#note('sip-control-character');
    }
    if (id !== Header.other) this.#countHeader(id, line);
  }

  #noteWording(line: number, isLoose: boolean, hasOddName: boolean): void {
    const wording = isLoose ? Wording.loose : Wording.plain;
    this.wording[line] = hasOddName ? Wording.oddlyNamed : wording;
    if (isLoose || hasOddName) this.isReworded = true;
  }

  #countHeader(id: HeaderId, line: number): void {
    if ((this.#count[id] as number)++ === 0) this.#first[id] = line;
    else if (id === Header.contentLength) this.#noteFatal('sip-content-length-repeated');
    else if (OFTEN[id] === Often.onceOrTheEnd) this.#noteFatal('sip-header-repeated');
    else if (OFTEN[id] === Often.once) this.#note('sip-header-repeated');
  }

  #finish(bodyStart: number, end: number): number {
    this.bodyStart = bodyStart;
    this.end = bodyStart;
    if (this.#hasHigh && !isUtf8(this.bytes.subarray(this.start, bodyStart))) {
      this.#note('sip-not-utf8');
    }
    const length = this.#contentLength();
    if (length > this.#limits.bodyBytesMax) this.#noteFatal('sip-body-too-large');
    if (this.fatal) return bodyStart - this.start;
    this.end = bodyStart + length;
    return this.end <= end ? this.end - this.start : 0;
  }

  /** On a stream only Content-Length says where a message ends (RFC 3261 §18.3, §20.14). */
  #contentLength(): number {
    const line = this.first(Header.contentLength);
    if (line < 0) {
      this.#noteFatal('sip-content-length-missing');
      return 0;
    }
    const { bytes } = this;
    const end = this.valueEnd[line] as number;
    let at = this.valueStart[line] as number;
    let length = at < end ? 0 : -1;
    for (; at < end && length >= 0; at++) {
      const digit = (bytes[at] as number) - 0x30;
      length = digit >= 0 && digit <= 9 ? Math.min(length * 10 + digit, LENGTH_MAX) : -1;
    }
    if (length >= 0) return length;
    this.#noteFatal('sip-content-length-malformed');
    return 0;
  }
}

/** Above every body limit, and far below where numbers lose their last digit. */
const LENGTH_MAX = 2 ** 40;

function isSpace(byte: number | undefined): boolean {
  return byte === SP || byte === TAB || byte === CR || byte === LF;
}
