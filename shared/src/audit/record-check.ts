import { type Buffer, isUtf8 } from 'node:buffer';
import { AUDIT_FIELDS, FIELD } from './record-fields.ts';
import {
  FIELD_HEADER_BYTES,
  LONG_LENGTH,
  RECORD_BYTES_MAX,
  RECORD_HEADER_BYTES,
  RECORD_VERSION,
  recordLengthAt,
  recordTypeAt,
  u16At,
  u32At,
  valueEndAt,
  valueStartAt,
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
/** Hashes, keys and signatures are whole. */
const BYTES_MIN = new Uint16Array(256);
const KIND = new Uint8Array(256);
for (const { id, name, kind, bytesMax } of AUDIT_FIELDS) {
  BYTES_MAX[id] = bytesMax;
  BYTES_MIN[id] = kind === 'bytes' && name !== 'cut' ? bytesMax : 0;
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
const LONG = LONG_LENGTH;
const CUT = FIELD.cut;
const { u32: U32, u64: U64, address: ADDRESS, list: LIST } = KIND_NUMBER;

/**
 * What is wrong with the record from `start` to `end`, or undefined.
 *
 * Of one meaning exactly one spelling passes: fields ascending, lengths and numbers in as few bytes as they need, IPv4
 * never within IPv6, and everything that the type must have. Makes no object, so that a verifier can afford it for all.
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
    if (!isLengthSound(bytes, at, end)) return 'field-length';
    const field = bytes[at] as number;
    if (field <= last) return 'field-order';
    const use = USE[(type << 8) | field] as number;
    if (use === 0) return 'field-not-of-type';
    const valueStart = valueStartAt(bytes, at);
    at = valueEndAt(bytes, at);
    if (at > end || !isSizeSound(field, at - valueStart)) return 'field-length';
    const fault = valueFault(bytes, KIND[field] as number, valueStart, at);
    if (fault !== undefined) return fault;
    if (use & MUST) missing--;
    last = field;
  }
  if (missing !== 0) return 'field-missing';
  return last === CUT ? cutFault(bytes, start, end) : undefined;
}

/**
 * Whether the record from `start` to `end` would be one, but for its type or for fields that are not of it: what a later
 * version may have written, or somebody who makes up records. Numbers and time stand where they always do.
 */
export function isBeyondThisVersion(bytes: Buffer, start: number, end: number): boolean {
  const fault = recordFault(bytes, start, end);
  if (fault !== 'record-type' && fault !== 'field-not-of-type') return false;
  let last = 0;
  let at = start + HEADER;
  while (at < end) {
    if (!isLengthSound(bytes, at, end) || (bytes[at] as number) <= last) return false;
    last = bytes[at] as number;
    at = valueEndAt(bytes, at);
  }
  return at === end;
}

/** Whether the length of the field at `at` is there, in as few bytes as it needs. */
function isLengthSound(bytes: Buffer, at: number, end: number): boolean {
  const value = at + FIELD_HEADER;
  if (value > end) return false;
  const first = bytes[at + 1] as number;
  return first < LONG || (value < end && (first > LONG || (bytes[value] as number) >= LONG));
}

function isSizeSound(field: number, size: number): boolean {
  return size <= (BYTES_MAX[field] as number) && size >= (BYTES_MIN[field] as number);
}

function valueFault(
  bytes: Buffer,
  kind: number,
  start: number,
  end: number,
): RecordFault | undefined {
  if (kind === U32 || kind === U64) {
    return end > start && bytes[start] === 0 ? 'field-length' : undefined;
  }
  if (kind === ADDRESS) return isAddress(bytes, start, end) ? undefined : 'field-address';
  if (kind === LIST) return isList(bytes, start, end) ? undefined : 'field-list';
  return undefined;
}

/** Four bytes, or sixteen that are not four in disguise (RFC 4291 §2.5.5.2). */
function isAddress(bytes: Buffer, start: number, end: number): boolean {
  if (end - start === 4) return true;
  if (end - start !== 16) return false;
  const isMapped = u32At(bytes, start + 8) === 0xff_ff;
  return !isMapped || u32At(bytes, start) !== 0 || u32At(bytes, start + 4) !== 0;
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
  let cutField = end;
  for (let at = start + HEADER; at < end; at = valueEndAt(bytes, at)) {
    if (bytes[at] !== CUT) continue;
    cutField = at;
    cutStart = valueStartAt(bytes, at);
  }
  if (cutStart === end) return 'field-cut';
  let cut = cutStart;
  for (let at = start + HEADER; at < cutField && cut < end; ) {
    const valueEnd = valueEndAt(bytes, at);
    if (bytes[at] === bytes[cut]) {
      const length = valueEnd - valueStartAt(bytes, at);
      if (!canBeCut(bytes[at] as number, length)) return 'field-cut';
      cut++;
    }
    at = valueEnd;
  }
  return cut === end ? undefined : 'field-cut';
}

function canBeCut(field: number, length: number): boolean {
  const kind = KIND[field];
  if (kind === LIST) return true;
  if (kind === U32 || kind === U64 || kind === ADDRESS) return false;
  return length > (BYTES_MAX[field] as number) - 4;
}
