import { type Buffer, isUtf8 } from 'node:buffer';
import { normalizeAddress } from '../net/address.ts';
import { AUDIT_FIELDS, FIELD } from './record-fields.ts';
import {
  FIELD_HEADER_BYTES,
  RECORD_BYTES_MAX,
  RECORD_HEADER_BYTES,
  RECORD_VERSION,
  recordLengthAt,
  recordTypeAt,
  u16At,
} from './record-layout.ts';
import { AUDIT_TYPES, FIELD_MUST, FIELD_USE } from './record-types.ts';

/** Why bytes are no record. Each is a bug or an attack: a source writes what this accepts, or nothing. */
export type RecordFault =
  | 'record-length'
  | 'record-version'
  | 'record-type'
  | 'field-order'
  | 'field-not-of-type'
  | 'field-length'
  | 'field-address'
  | 'field-list'
  | 'field-cut'
  | 'field-missing';

const KIND_NUMBER = { text: 0, bytes: 1, u32: 2, u64: 3, address: 4, list: 5 } as const;
const BYTES_MAX = new Uint16Array(256);
const KIND = new Uint8Array(256);
for (const { id, kind, bytesMax } of AUDIT_FIELDS) {
  BYTES_MAX[id] = bytesMax;
  KIND[id] = KIND_NUMBER[kind];
}

const NO_TYPE = 255;
const REQUIRED = new Uint8Array(256).fill(NO_TYPE);
for (const { id, required } of AUDIT_TYPES) REQUIRED[id] = required.length;

/** Bindings of this module: in a loop imported ones cost three times as much. */
const USE = FIELD_USE;
const MUST = FIELD_MUST;
const HEADER = RECORD_HEADER_BYTES;
const FIELD_HEADER = FIELD_HEADER_BYTES;
const CUT = FIELD.cut;
const { u32: U32, u64: U64, address: ADDRESS, list: LIST } = KIND_NUMBER;

/**
 * What is wrong with the record from `start` to `end`, or undefined.
 *
 * Of one meaning exactly one spelling passes: fields ascending, numbers in full width, addresses as they are always
 * written, and everything that the type must have. Makes no object, so that a verifier can afford it for all.
 */
export function recordFault(bytes: Buffer, start: number, end: number): RecordFault | undefined {
  const length = end - start;
  if (length < HEADER || length > RECORD_BYTES_MAX || recordLengthAt(bytes, start) !== length) {
    return 'record-length';
  }
  if (bytes[start + 2] !== RECORD_VERSION) return 'record-version';
  const type = recordTypeAt(bytes, start);
  let missing = REQUIRED[type] as number;
  if (missing === NO_TYPE) return 'record-type';
  let last = 0;
  let at = start + HEADER;
  while (at < end) {
    if (at + FIELD_HEADER > end) return 'field-length';
    const field = bytes[at] as number;
    if (field <= last) return 'field-order';
    const use = USE[(type << 8) | field] as number;
    if (use === 0) return 'field-not-of-type';
    const valueStart = at + FIELD_HEADER;
    at = valueStart + (((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number));
    if (at > end || at - valueStart > (BYTES_MAX[field] as number)) return 'field-length';
    const fault = valueFault(bytes, KIND[field] as number, valueStart, at);
    if (fault !== undefined) return fault;
    if (use & MUST) missing--;
    last = field;
  }
  if (missing !== 0) return 'field-missing';
  return last === CUT ? cutFault(bytes, start, end) : undefined;
}

function valueFault(
  bytes: Buffer,
  kind: number,
  start: number,
  end: number,
): RecordFault | undefined {
  if (kind === U32) return end - start === 4 ? undefined : 'field-length';
  if (kind === U64) return end - start === 8 ? undefined : 'field-length';
  if (kind === ADDRESS) return isAddress(bytes, start, end) ? undefined : 'field-address';
  if (kind === LIST) return isList(bytes, start, end) ? undefined : 'field-list';
  return undefined;
}

function isAddress(bytes: Buffer, start: number, end: number): boolean {
  if (isIpv4(bytes, start, end)) return true;
  const text = bytes.toString('latin1', start, end);
  return text.includes(':') && normalizeAddress(text) === text;
}

function isIpv4(bytes: Buffer, start: number, end: number): boolean {
  let numbers = 0;
  let at = start;
  while (at < end) {
    const first = at;
    let number = 0;
    for (; at < end && at < first + 4; at++) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
    }
    if (at === first || number > 255 || (bytes[first] === 0x30 && at > first + 1)) return false;
    if (++numbers === 4) return at === end;
    if (bytes[at++] !== 0x2e) return false;
  }
  return false;
}

function isList(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (at + 2 > end) return false;
    const textStart = at + 2;
    at = textStart + u16At(bytes, at);
    if (at > end || !isUtf8(bytes.subarray(textStart, at))) return false;
  }
  return true;
}

/** Every field that is said to be cut is there, can be cut, and ends where its limit makes it end. */
function cutFault(bytes: Buffer, start: number, end: number): RecordFault | undefined {
  let cutStart = end;
  for (let at = start + HEADER; at < end; at += FIELD_HEADER + u16At(bytes, at + 1)) {
    if (bytes[at] === CUT) cutStart = at + FIELD_HEADER;
  }
  if (cutStart === end) return 'field-cut';
  let cut = cutStart;
  for (let at = start + HEADER; at < cutStart - FIELD_HEADER && cut < end; ) {
    const length = u16At(bytes, at + 1);
    if (bytes[at] === bytes[cut]) {
      if (!canBeCut(bytes[at] as number, length)) return 'field-cut';
      cut++;
    }
    at += FIELD_HEADER + length;
  }
  return cut === end ? undefined : 'field-cut';
}

function canBeCut(field: number, length: number): boolean {
  const kind = KIND[field];
  if (kind === LIST) return true;
  if (kind === U32 || kind === U64 || kind === ADDRESS) return false;
  return length > (BYTES_MAX[field] as number) - 4;
}
