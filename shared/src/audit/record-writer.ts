import { Buffer } from 'node:buffer';
import { parseAddress } from '../net/address.ts';
import { ByteViews } from '../net/byte-views.ts';
import { AUDIT_FIELDS, FIELD } from './record-fields.ts';
import {
  FIELD_HEADER_BYTES,
  LONG_LENGTH,
  RECORD_HEADER_BYTES,
  RECORD_VERSION,
} from './record-layout.ts';
import { AUDIT_TYPE, FIELD_USE } from './record-types.ts';
import { bytesOfText } from './wire-text.ts';

/** Below this a loop over the bytes is faster than a call to copy them. */
const LOOP_BYTES_MAX = 48;

const CUT_FIELDS_MAX = 64;

const U64_BYTES = 8;

/** Bytes that are copied at a time: one by one they cost three times as much. */
const WORD = 8;

/** Numbers for a text in `texts`: field, start, end. */
const SPAN = 3;

const BYTES_MAX = new Uint16Array(256);
for (const { id, bytesMax } of AUDIT_FIELDS) BYTES_MAX[id] = bytesMax;

const IS_TEXT = new Uint8Array(256);
for (const { id, kind } of AUDIT_FIELDS) IS_TEXT[id] = kind === 'bytes' ? 0 : 1;

/** Bindings of this module: in a loop imported ones cost three times as much. */
const USE = FIELD_USE;
const CUT = FIELD.cut;
const STATUS = FIELD.status;
const TO_TAG = FIELD.toTag;
const SIZE = FIELD.size;
const ANSWERED = AUDIT_TYPE['message-answered'] << 8;
const HEADER = RECORD_HEADER_BYTES;
const FIELD_HEADER = FIELD_HEADER_BYTES;
const LONG = LONG_LENGTH;
const VERSION = RECORD_VERSION;

/** Fields as they stand in a record, to be written again and again. */
export interface WrittenFields {
  /** They and bytes that mean nothing, up to a whole number of words. */
  readonly view: DataView;
  readonly length: number;
  /** The number of the last one. */
  readonly last: number;
}

/** Keeps a copy of fields that were written, of which `last` is the last. */
export function writtenFields(bytes: Uint8Array, last: number): WrittenFields {
  const words = new Uint8Array(Math.ceil(bytes.length / WORD) * WORD);
  words.set(bytes);
  return { view: new DataView(words.buffer), length: bytes.length, last };
}

/**
 * Writes records into a buffer of the caller's, one after the other: no string, no object, no hash.
 *
 * Between `begin` and `end` the fields come in the order of their numbers, each at most once; a field out of order, or
 * one that the type has not, is a bug of the caller and thrown. What is longer than its limit is cut, texts where a
 * character ends, and the record names the field. Before `begin` the caller makes sure of RECORD_BYTES_MAX bytes:
 * the table of types keeps every record below it.
 */
export class RecordWriter {
  #into: Buffer;
  #view: DataView;
  /** Requests lie in one buffer and answers in another. */
  readonly #views = new ByteViews();
  #start: number;
  #at: number;
  #type = 0;
  #last = 0;
  readonly #cut = new Uint8Array(CUT_FIELDS_MAX);
  #cutCount = 0;

  constructor(into: Buffer, at = 0) {
    this.#into = into;
    this.#view = new DataView(into.buffer, into.byteOffset, into.length);
    this.#start = at;
    this.#at = at;
  }

  /** Other bytes to write into, from the next `begin` on. */
  target(into: Buffer, at: number): void {
    if (into !== this.#into) {
      this.#into = into;
      this.#view = new DataView(into.buffer, into.byteOffset, into.length);
    }
    this.#start = at;
    this.#at = at;
  }

  /** Where the next byte goes; after `end`, where the next record begins. */
  get at(): number {
    return this.#at;
  }

  /** `type` is the number of `AUDIT_TYPE`. */
  begin(type: number, timeMs: number, seq: number): void {
    this.beginAt(type, (timeMs / 0x1_00_00_00_00) | 0, timeMs | 0, seq);
  }

  /**
   * The same with the upper and the lower 32 bits of the time: it has more than a small integer of V8 takes, and handed
   * on from call to call would make an object each time.
   */
  beginAt(type: number, high: number, low: number, seq: number): void {
    const view = this.#view;
    const at = this.#at;
    this.#start = at;
    this.#type = type << 8;
    this.#last = 0;
    this.#cutCount = 0;
    view.setInt32(at + 2, (VERSION << 24) | (type << 16) | high);
    view.setInt32(at + 6, low);
    view.setInt32(at + 10, seq);
    this.#at = at + HEADER;
  }

  /** Text or bytes as they came, from `start` up to `end`. */
  text(field: number, bytes: Buffer, start: number, end: number): void {
    const isLonger = end - start > (BYTES_MAX[field] as number);
    const length = isLonger ? this.#cutAt(field, bytes, start) : end - start;
    this.#enter(field, length);
    this.#copy(bytes, start, length);
  }

  /**
   * The same of many: `spans` holds field, start and end of each, `count` numbers in all.
   *
   * Half the time of one call each: on the way of every message.
   */
  texts(bytes: Buffer, spans: Int32Array, count: number): void {
    const into = this.#into;
    const view = this.#view;
    const fromView = this.#views.of(bytes);
    const type = this.#type;
    const fromMax = bytes.length - WORD;
    const intoMax = into.length - WORD;
    let last = this.#last;
    let at = this.#at;
    for (let i = 0; i < count; i += SPAN) {
      const field = spans[i] as number;
      const start = spans[i + 1] as number;
      let length = (spans[i + 2] as number) - start;
      if (field <= last || USE[type | field] === 0) throw noSuchField(type, field);
      if (length > (BYTES_MAX[field] as number)) length = this.#cutAt(field, bytes, start);
      last = field;
      at = putHeader(into, at, field, length);
      if (length > LOOP_BYTES_MAX || start + length > fromMax || at + length > intoMax) {
        bytes.copy(into, at, start, start + length);
      } else {
        // Up to seven bytes more than there are: the next field, or the next record, is written over them.
        for (let offset = 0; offset < length; offset += WORD) {
          view.setBigUint64(at + offset, fromView.getBigUint64(start + offset, true), true);
        }
      }
      at += length;
    }
    this.#last = last;
    this.#at = at;
  }

  /** Fields that were written before: what many records have in common. They must be of this type. */
  fields({ view: fields, length, last }: WrittenFields): void {
    if (last <= this.#last) throw new RangeError(`field ${last} of an audit record`);
    const view = this.#view;
    const at = this.#at;
    for (let offset = 0; offset < length; offset += WORD) {
      view.setBigUint64(at + offset, fields.getBigUint64(offset, true), true);
    }
    this.#last = last;
    this.#at = at + length;
  }

  /** A text of ours; plain ASCII is written without a copy in between. */
  string(field: number, value: string): void {
    const length = value.length;
    if (length > (BYTES_MAX[field] as number)) return this.#foreign(field, value);
    for (let index = 0; index < length; index++) {
      if (value.charCodeAt(index) > 0x7f) return this.#foreign(field, value);
    }
    this.#enter(field, length);
    const into = this.#into;
    const start = this.#at;
    for (let index = 0; index < length; index++) into[start + index] = value.charCodeAt(index);
    this.#at = start + length;
  }

  /** An IP address in any of its spellings; what is none is a bug of the caller and thrown. */
  address(field: number, text: string): void {
    const address = parseAddress(text);
    if (address === undefined) throw new RangeError(`field ${field} of an audit record`);
    const words = address.family === 4 ? address.words.slice(3) : address.words;
    this.#enter(field, words.length * 4);
    for (const word of words) this.#at = this.#into.writeUInt32BE(word, this.#at);
  }

  /** From 0 to 2^32 - 1. */
  u32(field: number, value: number): void {
    const type = this.#type;
    if (field <= this.#last || USE[type | field] === 0) throw noSuchField(type, field);
    this.#last = field;
    this.#at = putNumber(this.#into, this.#at, field, value);
  }

  /**
   * All fields of a record about an answer, in one go, on the way of every message: the number of its request, or of
   * the connection where that has none; the status; the tag of To, where there is one; the size.
   */
  answer(
    field: typeof FIELD.requestSeq | typeof FIELD.connection,
    number: number,
    status: number,
    bytes: Buffer,
    tagStart: number,
    tagEnd: number,
    size: number,
  ): void {
    if (this.#type !== ANSWERED || this.#last !== 0) throw noSuchField(this.#type, field);
    const into = this.#into;
    let at = putNumber(into, putNumber(into, this.#at, field, number), STATUS, status);
    const length = tagEnd - tagStart;
    if (length > LOOP_BYTES_MAX) {
      this.#last = STATUS;
      this.#at = at;
      this.text(TO_TAG, bytes, tagStart, tagEnd);
      at = this.#at;
    } else if (length > 0) {
      into[at] = TO_TAG;
      into[at + 1] = length;
      at += FIELD_HEADER;
      for (let from = tagStart; from < tagEnd; from++) into[at++] = bytes[from] as number;
    }
    this.#last = SIZE;
    this.#at = putNumber(into, at, SIZE, size);
  }

  /** From 0 to 2^64 - 1, or a whole number from 0 to 2^53 - 1. */
  u64(field: number, value: number | bigint): void {
    const bytes = Buffer.allocUnsafe(U64_BYTES);
    bytes.writeBigUInt64BE(typeof value === 'bigint' ? value : BigInt(Math.trunc(value)));
    const first = bytes.findIndex((byte) => byte !== 0);
    this.text(field, bytes, first < 0 ? U64_BYTES : first, U64_BYTES);
  }

  /** As many whole texts as fit. */
  list(field: number, values: readonly string[]): void {
    const lengths: number[] = [];
    let length = 0;
    for (const value of values) {
      const bytes = Buffer.byteLength(value, 'utf8');
      if (length + 2 + bytes > (BYTES_MAX[field] as number)) {
        this.#cut[this.#cutCount++] = field;
        break;
      }
      lengths.push(bytes);
      length += 2 + bytes;
    }
    this.#enter(field, length);
    const into = this.#into;
    for (const [index, bytes] of lengths.entries()) {
      this.#at = into.writeUInt16BE(bytes, this.#at);
      this.#at += into.write(values[index] ?? '', this.#at, 'utf8');
    }
  }

  /** Fields that were cut already when their values were read elsewhere. */
  keepCut(fields: Uint8Array): void {
    const all = new Set([...this.#cut.subarray(0, this.#cutCount), ...fields]);
    if (all.size > CUT_FIELDS_MAX) throw new RangeError('more fields cut than a record has');
    this.#cut.set([...all].sort((one, other) => one - other));
    this.#cutCount = all.size;
  }

  /** Closes the record; returns where the next one begins. */
  end(): number {
    if (this.#cutCount > 0) this.#writeCut();
    const length = this.#at - this.#start;
    this.#into[this.#start] = length >>> 8;
    this.#into[this.#start + 1] = length;
    return this.#at;
  }

  #copy(bytes: Buffer, start: number, length: number): void {
    const into = this.#into;
    let at = this.#at;
    this.#at = at + length;
    const stop = start + length;
    if (length > LOOP_BYTES_MAX) {
      bytes.copy(into, at, start, stop);
      return;
    }
    for (let from = start; from < stop; from++) into[at++] = bytes[from] as number;
  }

  /** The header of a field; its value comes next. */
  #enter(field: number, length: number): void {
    const type = this.#type;
    if (field <= this.#last || USE[type | field] === 0) throw noSuchField(type, field);
    this.#last = field;
    this.#at = putHeader(this.#into, this.#at, field, length);
  }

  #foreign(field: number, value: string): void {
    const bytes = bytesOfText(value);
    this.text(field, bytes, 0, bytes.length);
  }

  /** A character is never cut in two; of what is no UTF-8 at most three bytes more are lost. */
  #cutAt(field: number, bytes: Buffer, start: number): number {
    const max = BYTES_MAX[field] as number;
    this.#cut[this.#cutCount++] = field;
    if (IS_TEXT[field] === 0) return max;
    let end = max;
    while (end > max - 3 && ((bytes[start + end] as number) & 0xc0) === 0x80) end--;
    return ((bytes[start + end] as number) & 0xc0) === 0x80 ? max : end;
  }

  #writeCut(): void {
    const count = this.#cutCount;
    this.#enter(CUT, count);
    let at = this.#at;
    for (let index = 0; index < count; index++) this.#into[at++] = this.#cut[index] as number;
    this.#at = at;
  }
}

function putHeader(into: Buffer, at: number, field: number, length: number): number {
  into[at] = field;
  if (length < LONG) {
    into[at + 1] = length;
    return at + FIELD_HEADER;
  }
  into[at + 1] = LONG | (length >>> 8);
  into[at + 2] = length;
  return at + FIELD_HEADER + 1;
}

/** A whole field with a number, in as few bytes as it needs. */
function putNumber(into: Buffer, at: number, field: number, value: number): number {
  into[at] = field;
  if (value < 0x1_00) {
    into[at + 1] = value === 0 ? 0 : 1;
    if (value === 0) return at + FIELD_HEADER;
    into[at + 2] = value;
    return at + FIELD_HEADER + 1;
  }
  if (value < 0x1_00_00) {
    into[at + 1] = 2;
    into[at + 2] = value >>> 8;
    into[at + 3] = value;
    return at + 4;
  }
  const length = value < 0x1_00_00_00 ? 3 : 4;
  into[at + 1] = length;
  let next = at + FIELD_HEADER;
  for (let shift = (length - 1) * 8; shift >= 0; shift -= 8) into[next++] = value >>> shift;
  return next;
}

function noSuchField(type: number, field: number): RangeError {
  return new RangeError(`field ${field} of an audit record of type ${type >>> 8}`);
}
