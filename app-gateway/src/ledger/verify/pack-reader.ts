import { isUtf8 } from 'node:buffer';
import { HASH_BYTES } from '@sallyport/shared/audit/merkle.ts';
import { recordLengthAt } from '@sallyport/shared/audit/record-layout.ts';
import type { AuditSource } from '@sallyport/shared/audit/source.ts';
import { parsedJson } from '@sallyport/shared/parsed-json.ts';
import { isLedgerKeys } from './ledger-keys.ts';
import {
  FRAME,
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  HEADER_BYTES_MAX,
  type LedgerKeys,
  PACK_FORMAT,
  PACK_VERSION,
  type PackHeader,
  SOURCE_HEAD_BYTES,
  SUBTREE_BYTES,
} from './pack-format.ts';

/** Takes what a pack holds, in the order of the file. */
export interface PackSink {
  header(header: PackHeader): void;
  keys(keys: LedgerKeys): void;
  checkpoint(note: string): void;
  subtree(level: number, number: number, hash: Buffer): void;
  source(number: number, source: AuditSource): void;
  tile(number: number, hashes: Buffer): void;
  /** The record lies in `bytes` from `start` to `end`, and only until this returns. */
  record(index: number, source: number, bytes: Buffer, start: number, end: number): void;
}

const NODE_BYTES_MAX = 64;
const LEVEL_MAX = 52;
const NEWLINE = 0x0a;

/** Reads a pack as it comes, piece by piece; keeps no more than one frame of it. */
export class PackReader {
  readonly #sink: PackSink;
  #held: Buffer = Buffer.alloc(0);
  #hasHeader = false;
  #records = 0;
  #fault: 'file-torn' | 'file-malformed' | undefined;
  #hasEnded = false;

  constructor(sink: PackSink) {
    this.#sink = sink;
  }

  /** Reads on; after a fault the rest is not looked at. */
  push(chunk: Buffer): void {
    if (this.#fault !== undefined) return;
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = this.#hasHeader ? 0 : this.#readHeader(bytes);
    if (this.#fault !== undefined) return;
    while (this.#hasHeader && bytes.length - at >= FRAME_HEAD_BYTES) {
      const length = bytes.readUInt32BE(at + 1);
      if (length > FRAME_BYTES_MAX || this.#hasEnded) {
        this.#fault = 'file-malformed';
        return;
      }
      const start = at + FRAME_HEAD_BYTES;
      if (bytes.length - start < length) break;
      if (!this.#frame(bytes[at] ?? 0, bytes.subarray(start, start + length))) {
        this.#fault = 'file-malformed';
        return;
      }
      at = start + length;
    }
    this.#held = Buffer.from(bytes.subarray(at));
  }

  /** What is wrong with the file as such, once all of it has been pushed. */
  end(): 'file-torn' | 'file-malformed' | undefined {
    if (this.#fault !== undefined) return this.#fault;
    if (!this.#hasEnded) return 'file-torn';
    return this.#held.length > 0 ? 'file-malformed' : undefined;
  }

  #readHeader(bytes: Buffer): number {
    const end = bytes.subarray(0, HEADER_BYTES_MAX).indexOf(NEWLINE);
    if (end === -1) {
      if (bytes.length >= HEADER_BYTES_MAX) this.#fault = 'file-malformed';
      return 0;
    }
    const line = bytes.subarray(0, end);
    const header = isUtf8(line) ? parsedHeader(line.toString('utf8')) : undefined;
    if (header === undefined) {
      this.#fault = 'file-malformed';
      return 0;
    }
    this.#hasHeader = true;
    this.#sink.header(header);
    return end + 1;
  }

  #frame(kind: number, payload: Buffer): boolean {
    const isText = kind === FRAME.keys || kind === FRAME.checkpoint;
    if (isText && !isUtf8(payload)) return false;
    switch (kind) {
      case FRAME.keys: {
        const keys = parsedJson(payload.toString('utf8'));
        if (!isLedgerKeys(keys)) return false;
        this.#sink.keys(keys);
        return true;
      }
      case FRAME.checkpoint:
        this.#sink.checkpoint(payload.toString('utf8'));
        return true;
      case FRAME.subtrees:
        return this.#subtrees(payload);
      case FRAME.source:
        return this.#source(payload);
      case FRAME.tile: {
        const number = numberAt(payload, 0);
        if (number === undefined || (payload.length - 8) % HASH_BYTES !== 0) return false;
        this.#sink.tile(number, Buffer.from(payload.subarray(8)));
        return true;
      }
      case FRAME.records:
        return this.#readRecords(payload);
      case FRAME.end:
        this.#hasEnded = true;
        return payload.length === 8 && numberAt(payload, 0) === this.#records;
      default:
        return false;
    }
  }

  #subtrees(payload: Buffer): boolean {
    if (payload.length % SUBTREE_BYTES !== 0) return false;
    for (let at = 0; at < payload.length; at += SUBTREE_BYTES) {
      const level = payload[at] ?? 0;
      const number = numberAt(payload, at + 1);
      if (number === undefined || level > LEVEL_MAX) return false;
      this.#sink.subtree(level, number, Buffer.from(payload.subarray(at + 9, at + SUBTREE_BYTES)));
    }
    return true;
  }

  #source(payload: Buffer): boolean {
    const node = payload.subarray(SOURCE_HEAD_BYTES);
    if (node.length === 0 || node.length > NODE_BYTES_MAX || !isUtf8(node)) return false;
    this.#sink.source(payload.readUInt16BE(0), {
      worker: payload.readUInt8(2),
      epoch: payload.readBigUInt64BE(3),
      node: node.toString('utf8'),
    });
    return true;
  }

  #readRecords(payload: Buffer): boolean {
    let index = numberAt(payload, 0);
    if (index === undefined) return false;
    for (let at = 8; at < payload.length; ) {
      // Below the head of a record its length says nothing, and following it would not get on.
      if (at + 2 + 14 > payload.length) return false;
      const end = at + 2 + recordLengthAt(payload, at + 2);
      if (end > payload.length || end < at + 2 + 14) return false;
      this.#sink.record(
        index,
        ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0),
        payload,
        at + 2,
        end,
      );
      index++;
      this.#records++;
      at = end;
    }
    return true;
  }
}

function numberAt(payload: Buffer, at: number): number | undefined {
  if (payload.length < at + 8) return undefined;
  const number = payload.readUInt32BE(at) * 0x1_00_00_00_00 + payload.readUInt32BE(at + 4);
  return Number.isSafeInteger(number) ? number : undefined;
}

function parsedHeader(line: string): PackHeader | undefined {
  const value = parsedJson(line);
  if (typeof value !== 'object' || value === null) return undefined;
  const header = value as Partial<Record<keyof PackHeader, unknown>>;
  const { origin, from, to, size } = header;
  const isOurs = header.format === PACK_FORMAT && header.version === PACK_VERSION;
  const isPlace = (place: unknown): place is number =>
    Number.isSafeInteger(place) && Number(place) >= 0;
  if (!isOurs || typeof origin !== 'string' || !isPlace(from) || !isPlace(to) || !isPlace(size)) {
    return undefined;
  }
  if (from > to || to > size) return undefined;
  return { format: PACK_FORMAT, version: PACK_VERSION, origin, from, to, size };
}
