import { BYTE_CLASS, CONTROL, DIGIT, HEX, TOKEN } from './byte-class.ts';

/** A binding of this module: in a loop an imported one costs three times as much. */
const CLASS = BYTE_CLASS;

/*
 * The small rules of RFC 3261 §25.1 that the larger ones are made of, over bytes so that checking a
 * message makes no string. Each returns the index past what it read; -1 means that it is not there.
 */

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const QUOTE = 0x22;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;

/** Skips white space, a line fold included (`SWS`): a CRLF counts only where white space follows it. */
export function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at];
    if (byte === SP || byte === TAB) at++;
    else if (byte === CR && isFold(bytes, at, end)) at += 3;
    else break;
  }
  return at;
}

/** Whether a CRLF stands here that only folds a line. */
function isFold(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 2 < end && bytes[at + 1] === LF && (bytes[at + 2] === SP || bytes[at + 2] === TAB);
}

/** Skips bytes of a class, none included. */
export function skipClass(bytes: Uint8Array, start: number, end: number, mask: number): number {
  let at = start;
  while (at < end && ((CLASS[bytes[at] as number] as number) & mask) !== 0) at++;
  return at;
}

/** `token`: one byte at least. */
export function endOfToken(bytes: Uint8Array, start: number, end: number): number {
  const at = skipClass(bytes, start, end, TOKEN);
  return at === start ? -1 : at;
}

/** Skips bytes of a class and `%HH` escapes, none included; -1 on a `%` that is no escape. */
export function skipEscaped(bytes: Uint8Array, start: number, end: number, mask: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    if (((CLASS[byte] as number) & mask) !== 0) at++;
    else if (byte !== PERCENT) break;
    else if (isHex(bytes, at + 1, end) && isHex(bytes, at + 2, end)) at += 3;
    else return -1;
  }
  return at;
}

function isHex(bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && ((CLASS[bytes[at] as number] as number) & HEX) !== 0;
}

/**
 * `quoted-string` that starts at `start`.
 *
 * A backslash lets any ASCII byte but CR and LF through, NUL included (RFC 4475 §3.1.1.2); without one,
 * control characters end the string badly. Bytes above 127 pass: the scan has judged the head's UTF-8.
 */
export function endOfQuoted(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || bytes[start] !== QUOTE) return -1;
  let at = start + 1;
  while (at > 0 && at < end) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at = pastEscaped(bytes, at + 1, end);
    else if (byte === CR) at = isFold(bytes, at, end) ? at + 3 : -1;
    else if (((CLASS[byte] as number) & CONTROL) !== 0) return -1;
    else at++;
  }
  return -1;
}

/** Whether control characters, white space apart, stand behind a backslash in a quoted string and nowhere else (RFC 4475 §3.1.1.2). */
export function areControlsQuoted(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at >= 0 && at < end) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfQuoted(bytes, at, end);
    else if (byte !== CR && byte !== LF && ((CLASS[byte] as number) & CONTROL) !== 0) return false;
    else at++;
  }
  return at >= 0;
}

function pastEscaped(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const byte = bytes[at] as number;
  return byte === CR || byte === LF || byte > 0x7f ? -1 : at + 1;
}

/** Value of `1*DIGIT` that fills `start` to `end`, or -1 when it does not or is above `max`. */
export function decimal(bytes: Uint8Array, start: number, end: number, max: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > max) return -1;
  }
  return value;
}

/** Port from 1 to 65535, in five digits at most: with more zeros in front Kamailio sees no host either. */
export function endOfPort(bytes: Uint8Array, start: number, end: number): number {
  const at = skipClass(bytes, start, end, DIGIT);
  const port = decimal(bytes, start, at, 65_535);
  return port < 1 || at - start > PORT_DIGITS_MAX ? -1 : at;
}

const PORT_DIGITS_MAX = 5;

/** Whether the bytes from `start` to `end` are `word`, which holds lower-case letters and hyphens only. */
export function isWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    const byte = bytes[start + i] as number;
    if (byte !== word[i] && (byte < 0x41 || byte > 0x5a || (byte | 0x20) !== word[i])) return false;
  }
  return true;
}

/** The bytes of a field value that is held as latin1 text, or undefined where it holds more than bytes. */
export function bytesOf(text: string): Buffer | undefined {
  return bytesIn(Buffer.allocUnsafe(text.length), text);
}

/** The same at the start of a buffer that has room for them. */
export function bytesIn(buffer: Buffer, text: string): Buffer | undefined {
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i);
    if (byte > 0xff) return undefined;
    buffer[i] = byte;
  }
  return buffer;
}
