import { ADDRESS, ALPHA, BYTE_CLASS, DIGIT, HEX, HOST } from './byte-class.ts';
import { decimal, skipClass } from './grammar.ts';

/** A binding of this module: in a loop an imported one costs three times as much. */
const CLASS = BYTE_CLASS;
const NAME_BYTE = HOST;

const DOT = 0x2e;
const HYPHEN = 0x2d;
const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/**
 * Index past the `host` at `start` (RFC 3261 §25.1), or -1: a name, an IPv4 address, or an IPv6 address in
 * brackets (RFC 5954).
 *
 * An underscore passes as a letter would: RFC 3261 has no such host, Windows sites do.
 */
export function endOfHost(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  if (bytes[start] !== OPEN) return endOfName(bytes, start, end);
  const close = skipClass(bytes, start + 1, end, ADDRESS);
  return close < end && bytes[close] === CLOSE && isIpv6(bytes, start + 1, close) ? close + 1 : -1;
}

function endOfName(bytes: Uint8Array, start: number, end: number): number {
  let label = start;
  let lastLabel = start;
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (((CLASS[byte] as number) & NAME_BYTE) === 0) break;
    // Of the bytes of a name only these two mean something, and all others are above them.
    if (byte > DOT) continue;
    if (byte === HYPHEN && at === label) return -1;
    if (byte !== DOT) continue;
    if (at === label || bytes[at - 1] === HYPHEN) return -1;
    lastLabel = label;
    label = at + 1;
  }
  if (at === start || bytes[at - 1] === HYPHEN) return -1;
  if (label < at) lastLabel = label;
  if (((CLASS[bytes[lastLabel] as number] as number) & ALPHA) !== 0) return at;
  return isIpv4(bytes, start, at) ? at : -1;
}

/** Whether the bytes are an IPv4 address: four numbers up to 255. */
export function isIpv4(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let part = 0; part < 4; part++) {
    const partEnd = skipClass(bytes, at, Math.min(end, at + 3), DIGIT);
    if (decimal(bytes, at, partEnd, 255) < 0) return false;
    if (part === 3) return partEnd === end;
    if (partEnd >= end || bytes[partEnd] !== DOT) return false;
    at = partEnd + 1;
  }
  return false;
}

/**
 * Whether the bytes are an IPv6 address, without brackets.
 *
 * `2001:db8:::192.0.2.1` passes, since the first grammar of SIP could make no other and RFC 5118 §4.10 wants
 * both: three colons, and only before an IPv4 tail.
 */
export function isIpv6(bytes: Uint8Array, start: number, end: number): boolean {
  let groups = 0;
  let hasGap = false;
  let at = start;
  let colons = colonsAt(bytes, at, end);
  if (colons === 1) return false;
  while (colons <= (hasGap ? 1 : 3)) {
    hasGap ||= colons > 1;
    at += colons;
    if (colons === 3) return isLastIpv4(bytes, at, end, groups, hasGap);
    if (at === end) return colons !== 1 && isComplete(groups, hasGap);
    const groupEnd = skipClass(bytes, at, Math.min(end, at + 4), HEX);
    if (groupEnd === at) return false;
    if (groupEnd < end && bytes[groupEnd] === DOT) {
      return isLastIpv4(bytes, at, end, groups, hasGap);
    }
    groups++;
    at = groupEnd;
    colons = colonsAt(bytes, at, end);
    if (colons === 0) return at === end && isComplete(groups, hasGap);
  }
  return false;
}

function colonsAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === COLON) at++;
  return at - start;
}

/** `::` stands for one group at least. */
function isComplete(groups: number, hasGap: boolean): boolean {
  return hasGap ? groups < 8 : groups === 8;
}

/** An IPv4 tail stands for two groups. */
function isLastIpv4(
  bytes: Uint8Array,
  start: number,
  end: number,
  groups: number,
  hasGap: boolean,
): boolean {
  return isIpv4(bytes, start, end) && isComplete(groups + 2, hasGap);
}
