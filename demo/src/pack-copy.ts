import { readFileSync } from 'node:fs';
import {
  FRAME,
  FRAME_HEAD_BYTES,
  type PackHeader,
} from '@sallyport/app-gateway/ledger/verify/pack-format.ts';
import {
  endFrame,
  packHeader,
  recordsFrame,
} from '@sallyport/app-gateway/ledger/verify/pack-writer.ts';
import { recordLengthAt } from '@sallyport/shared/audit/record-layout.ts';

const INDEX_BYTES = 8;
const SOURCE_BYTES = 2;
const NEWLINE = 0x0a;

interface PackedRecord {
  readonly source: number;
  record: Buffer;
}

/** Records that stand together, or whatever else a pack holds. */
type Piece = Buffer | { readonly firstIndex: number; readonly records: PackedRecord[] };

/** A copy of an export, as somebody has it who wants the records to say something else. */
export class PackCopy {
  readonly #header: PackHeader;
  readonly #pieces: readonly Piece[];
  readonly #at = new Map<number, PackedRecord>();

  /** Reads what "audit export --format pack" wrote; a small one, as a whole. */
  constructor(path: string) {
    const bytes = readFileSync(path);
    const end = bytes.indexOf(NEWLINE);
    this.#header = JSON.parse(bytes.toString('utf8', 0, end)) as PackHeader;
    const pieces: Piece[] = [];
    for (let at = end + 1; at < bytes.length; ) {
      const next = at + FRAME_HEAD_BYTES + bytes.readUInt32BE(at + 1);
      const frame = bytes.subarray(at, next);
      if (frame[0] === FRAME.records) pieces.push(recordsIn(frame.subarray(FRAME_HEAD_BYTES)));
      else if (frame[0] !== FRAME.end) pieces.push(frame);
      at = next;
    }
    this.#pieces = pieces;
    for (const piece of pieces) {
      if (Buffer.isBuffer(piece)) continue;
      for (const [offset, record] of piece.records.entries()) {
        this.#at.set(piece.firstIndex + offset, record);
      }
    }
  }

  /** How many records it holds. */
  get count(): number {
    return this.#at.size;
  }

  /** Puts one text in the place of another that is as long. Throws if the record does not have it. */
  rewrite(index: number, text: string, other: string): void {
    const entry = this.#record(index);
    const record = Buffer.from(entry.record);
    const at = record.indexOf(text);
    if (at === -1) throw new Error(`record ${index} has no ${text}`);
    record.write(other, at, text.length, 'latin1');
    entry.record = record;
  }

  /** Two records, each in the other's place. */
  swap(index: number, other: number): void {
    const [one, two] = [this.#record(index), this.#record(other)];
    [one.record, two.record] = [two.record, one.record];
  }

  /** The file anew, as well-formed as before; without the records from `untilIndex` on. */
  bytes(untilIndex = Number.POSITIVE_INFINITY): Buffer {
    const parts = [packHeader(this.#header)];
    let count = 0;
    for (const piece of this.#pieces) {
      if (Buffer.isBuffer(piece)) {
        parts.push(piece);
        continue;
      }
      const kept = piece.records.slice(0, Math.max(0, untilIndex - piece.firstIndex));
      if (kept.length > 0) parts.push(recordsFrame(piece.firstIndex, kept));
      count += kept.length;
    }
    return Buffer.concat([...parts, endFrame(count)]);
  }

  #record(index: number): PackedRecord {
    const record = this.#at.get(index);
    if (record === undefined) throw new Error(`no record ${index}`);
    return record;
  }
}

function recordsIn(payload: Buffer): Exclude<Piece, Buffer> {
  const records: PackedRecord[] = [];
  for (let at = INDEX_BYTES; at < payload.length; ) {
    const start = at + SOURCE_BYTES;
    const end = start + recordLengthAt(payload, start);
    records.push({ source: payload.readUInt16BE(at), record: payload.subarray(start, end) });
    at = end;
  }
  return { firstIndex: Number(payload.readBigUInt64BE(0)), records };
}
