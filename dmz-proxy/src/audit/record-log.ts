import { createHash, type Hash } from 'node:crypto';
import {
  RECORD_BYTES_MAX,
  recordLengthAt,
  recordTimeAt,
} from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_RECORDS_HEAD_BYTES } from '@sallyport/shared/channel/audit-frames.ts';
import { AUDIT_RECORDS_BYTES_MAX } from '@sallyport/shared/channel/frame.ts';

/** A run of whole records in one piece of memory. */
interface Slab {
  readonly bytes: Buffer;
  /** Which of the streams it belongs to, and the same in front of every frame of it. */
  readonly epoch: bigint;
  readonly head: Buffer;
  length: number;
  readonly firstSeq: number;
  records: number;
  /** What of it is in the running hash. */
  hashed: number;
  /** What of it was handed out to be sent. */
  sent: number;
}

/** Records that were taken out to be spooled: of one stream, one after the other. */
export interface RecordRun {
  readonly epoch: bigint;
  readonly pieces: readonly Buffer[];
  readonly records: number;
  readonly lastSeq: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Whether all of it was handed out to be sent already. */
  readonly isSent: boolean;
}

/** Which records leave soon without anybody being told of them: those that may wait, or all that need not leave at once. */
export type SeenTo = 'none' | 'patient' | 'prompt';

/** Takes what is to be sent; false: it cannot be, and stays unsent. */
export type TakeRecords = (head: Buffer, bytes: Buffer, start: number, end: number) => boolean;

/** All of one fits into a frame. */
const SLAB_BYTES = AUDIT_RECORDS_BYTES_MAX - AUDIT_RECORDS_HEAD_BYTES;
/** Beyond these, slabs are made when they are needed. */
const SPARE_SLABS_MAX = 16;

/**
 * The records that no gateway has acknowledged, oldest first.
 *
 * They are written in place, once, and handed out in place; slabs are used again and again, so that a record costs no
 * garbage. How much may be kept is its owner's question.
 */
export class RecordLog {
  /** Where the next record goes: `room` has made sure that the largest fits behind `at`. */
  buffer: Buffer;
  at = 0;
  /** Set by whoever brings the records away; a new slab begins with none, so that its first record is told of. */
  seenTo: SeenTo = 'none';
  readonly #slabs: Slab[] = [];
  readonly #spare: Buffer[] = [];
  #epoch: bigint;
  #head: Buffer;
  #last: Slab;
  #nextSeq = 0;
  /** Of all slabs but the last. */
  #fullBytes = 0;
  #hash: Hash = createHash('sha256');
  /** So many of the first slabs were handed out whole. */
  #sentSlabs = 0;

  constructor(epoch: bigint) {
    this.#epoch = epoch;
    this.#head = headOf(epoch);
    this.#last = this.#open();
    this.buffer = this.#last.bytes;
  }

  /** The number of the next record. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Bytes of all that is kept. */
  get bytes(): number {
    return this.#fullBytes + this.at;
  }

  get hasUnsent(): boolean {
    return this.#last.sent < this.at || this.#sentSlabs < this.#slabs.length - 1;
  }

  /** Another stream begins: its records are numbered from 0 again. */
  begin(epoch: bigint): void {
    this.#endSlab();
    this.#epoch = epoch;
    this.#head = headOf(epoch);
    this.#nextSeq = 0;
    this.#startSlab();
  }

  /** Makes room for any record; to be called before each. */
  room(): void {
    if (this.at + RECORD_BYTES_MAX > SLAB_BYTES) this.#turnOver();
  }

  /** Takes over the record that was written from `at` up to `end`. */
  commit(end: number): void {
    this.at = end;
    this.#nextSeq++;
  }

  /** The SHA-256 of all records since the last call. */
  takeHash(): Buffer {
    this.#absorb();
    const digest = this.#hash.digest();
    this.#hash = createHash('sha256');
    return digest;
  }

  /** The stream that is written now. */
  get epoch(): bigint {
    return this.#epoch;
  }

  /** Whether the eight bytes at `at` are its epoch: reading them as a number would make one for each acknowledgement. */
  isOfStream(bytes: Buffer, at: number): boolean {
    const head = this.#head;
    for (let i = 0; i < AUDIT_RECORDS_HEAD_BYTES; i++) {
      if (bytes[at + i] !== head[i]) return false;
    }
    return true;
  }

  /** Everything of that stream up to `seq` is safe elsewhere: slabs of nothing else are let go. */
  acknowledge(epoch: bigint, seq: number): void {
    this.#count();
    for (;;) {
      const first = this.#slabs[0] as Slab;
      const isSafe = first.epoch === epoch && first.firstSeq + first.records <= seq + 1;
      if (!isSafe || first.records === 0) return;
      this.#drop();
    }
  }

  /** Hands out, slab by slab, what was not handed out since the last `rewind`; what is taken is valid only in the call. */
  sendUnsent(take: TakeRecords): void {
    this.#count();
    while (this.#sentSlabs < this.#slabs.length) {
      const slab = this.#slabs[this.#sentSlabs] as Slab;
      if (slab.sent < slab.length) {
        if (!take(slab.head, slab.bytes, slab.sent, slab.length)) return;
        slab.sent = slab.length;
      }
      if (slab === this.#last) return;
      this.#sentSlabs++;
    }
  }

  /** All that is kept is to be handed out again, such as to another gateway; what was acknowledged is not. */
  rewind(acknowledged: { readonly epoch: bigint; readonly seq: number } | undefined): void {
    this.#count();
    this.#sentSlabs = 0;
    for (const slab of this.#slabs) {
      const isOfStream = slab.epoch === acknowledged?.epoch;
      slab.sent = isOfStream ? offsetBehind(slab, acknowledged?.seq ?? 0) : 0;
    }
  }

  /** The oldest slabs of one stream, `slabsMax` at most; they stay until they are dropped. */
  oldest(slabsMax: number): RecordRun | undefined {
    this.#count();
    const first = this.#slabs[0] as Slab;
    if (first.records === 0) return undefined;
    const next = this.#slabs.findIndex(
      (slab, i) => i >= slabsMax || slab.records === 0 || slab.epoch !== first.epoch,
    );
    const slabs = next < 0 ? this.#slabs : this.#slabs.slice(0, next);
    const last = slabs.at(-1) as Slab;
    return {
      epoch: first.epoch,
      pieces: slabs.map((slab) => slab.bytes.subarray(0, slab.length)),
      records: last.firstSeq + last.records - first.firstSeq,
      lastSeq: last.firstSeq + last.records - 1,
      firstMs: recordTimeAt(first.bytes, 0),
      lastMs: recordTimeAt(last.bytes, lastRecordAt(last)),
      isSent: slabs.every((slab) => slab.sent === slab.length),
    };
  }

  /** Lets go of what `oldest` has just said, since it is on the disk now. */
  drop({ pieces }: RecordRun): void {
    for (const _piece of pieces) this.#drop();
  }

  #turnOver(): void {
    this.#endSlab();
    this.#startSlab();
  }

  #endSlab(): void {
    this.#absorb();
    if (this.#last.records === 0) this.#slabs.pop();
    this.#fullBytes += this.at;
    this.at = 0;
  }

  #startSlab(): void {
    this.#last = this.#open();
    this.buffer = this.#last.bytes;
    this.seenTo = 'none';
  }

  #open(): Slab {
    const slab: Slab = {
      bytes: this.#spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES),
      epoch: this.#epoch,
      head: this.#head,
      length: 0,
      firstSeq: this.#nextSeq,
      records: 0,
      hashed: 0,
      sent: 0,
    };
    this.#slabs.push(slab);
    return slab;
  }

  #drop(): void {
    const first = this.#slabs[0] as Slab;
    if (first === this.#last) this.#turnOver();
    this.#slabs.shift();
    this.#fullBytes -= first.length;
    if (this.#sentSlabs > 0) this.#sentSlabs--;
    if (this.#spare.length < SPARE_SLABS_MAX) this.#spare.push(first.bytes);
  }

  /** What was written to the last slab: its owner need not say so after each record. */
  #count(): void {
    const last = this.#last;
    last.length = this.at;
    last.records = this.#nextSeq - last.firstSeq;
  }

  /** Once per seal or slab, not per record. */
  #absorb(): void {
    this.#count();
    const slab = this.#last;
    if (slab.hashed === slab.length) return;
    this.#hash.update(slab.bytes.subarray(slab.hashed, slab.length));
    slab.hashed = slab.length;
  }
}

/** Where the record behind `seq` starts in a slab: at its end when all in it are older. */
function offsetBehind(slab: Slab, seq: number): number {
  let at = 0;
  for (let i = slab.firstSeq; i <= seq && at < slab.length; i++) {
    at += recordLengthAt(slab.bytes, at);
  }
  return at;
}

function lastRecordAt(slab: Slab): number {
  let at = 0;
  for (let i = 1; i < slab.records; i++) at += recordLengthAt(slab.bytes, at);
  return at;
}

function headOf(epoch: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(AUDIT_RECORDS_HEAD_BYTES);
  bytes.writeBigUInt64BE(epoch);
  return bytes;
}
