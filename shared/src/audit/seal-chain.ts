import { Buffer } from 'node:buffer';
import { createHash, type Hash, type KeyObject } from 'node:crypto';
import { type RecordFault, recordFault } from './record-check.ts';
import { RECORD_HEADER_BYTES, recordSeqAt, recordTypeAt } from './record-layout.ts';
import { AUDIT_TYPE } from './record-types.ts';
import { readSeal, SEALED_RECORDS_MAX, type SealContent, sealHash, verifySeal } from './seal.ts';

/** What is wrong with a stream, each told at the record where it shows. */
export type ChainFault =
  | RecordFault
  /** Number 0 is no `stream-opened`, or such a record has another number. */
  | 'stream-not-opened'
  /** Numbers are left out before this record. */
  | 'records-missing'
  /** This number has been there before. */
  | 'record-repeated'
  /** The seal does not begin where the last one ended, or does not end just before itself. */
  | 'seal-range'
  /** The records under the seal are not those that were sealed. */
  | 'seal-hash'
  /** The seal before is not the one that this one names. */
  | 'seal-previous'
  /** Not signed by the node's witness key. */
  | 'seal-signature'
  /** More records without a seal than a source may leave. */
  | 'seal-overdue';

/** How a stream is entered. */
export interface ChainStart {
  /** True where earlier records are gone lawfully: the first seal then vouches only for itself and what follows. */
  readonly isLaterPart: boolean;
}

const BUFFER_BYTES = 16_384;

/**
 * Checks the stream of one source, record by record: numbers without gaps, and seals that form a chain.
 *
 * After a fault it goes on, so that all are found. A fault is told once: what cannot be judged because of an earlier
 * one (the hash under a seal when records are missing) is not told again.
 */
export class SealChain {
  readonly #publicKey: KeyObject;
  #nextSeq: number | undefined;
  #sealedFrom: number | undefined;
  #lastSeal: Buffer | undefined;
  #knowsLastSeal: boolean;
  #knowsSpan = true;
  #hash: Hash = createHash('sha256');
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #buffered = 0;
  #unsealed = 0;

  constructor(publicKey: KeyObject, start: ChainStart = { isLaterPart: false }) {
    this.#publicKey = publicKey;
    this.#nextSeq = start.isLaterPart ? undefined : 0;
    this.#sealedFrom = start.isLaterPart ? undefined : 0;
    this.#knowsLastSeal = !start.isLaterPart;
    this.#knowsSpan = !start.isLaterPart;
  }

  /** The number that must come next; undefined before the first record of a later part. */
  get nextSeq(): number | undefined {
    return this.#nextSeq;
  }

  /** Records since the last seal: a tail nobody has signed. */
  get unsealedRecords(): number {
    return this.#unsealed;
  }

  /** Takes the next record, which lies from `start` to `end`; returns what is wrong, most often nothing. */
  take(bytes: Buffer, start: number, end: number): readonly ChainFault[] {
    const malformed = recordFault(bytes, start, end);
    if (malformed !== undefined) {
      this.#knowsSpan = false;
      const isNext =
        end - start >= RECORD_HEADER_BYTES && recordSeqAt(bytes, start) === this.#nextSeq;
      if (isNext) this.#nextSeq = recordSeqAt(bytes, start) + 1;
      return [malformed];
    }
    const seq = recordSeqAt(bytes, start);
    const expected = this.#nextSeq ?? seq;
    if (seq < expected) return ['record-repeated'];
    this.#nextSeq = seq + 1;
    const type = recordTypeAt(bytes, start);
    const faults: ChainFault[] = [];
    if (seq > expected) {
      this.#knowsSpan = false;
      this.#knowsLastSeal = false;
      this.#sealedFrom = undefined;
      faults.push('records-missing');
    }
    if ((seq === 0) !== (type === AUDIT_TYPE['stream-opened'])) faults.push('stream-not-opened');
    if (type === AUDIT_TYPE.seal) this.#takeSeal(bytes, start, end, faults);
    else this.#takeRecord(bytes, start, end, faults);
    return faults.length === 0 ? NO_FAULTS : faults;
  }

  #takeRecord(bytes: Buffer, start: number, end: number, faults: ChainFault[]): void {
    this.#unsealed++;
    if (this.#unsealed === SEALED_RECORDS_MAX + 1) faults.push('seal-overdue');
    const length = end - start;
    if (length > BUFFER_BYTES - this.#buffered) {
      this.#hash.update(this.#buffer.subarray(0, this.#buffered));
      this.#buffered = 0;
    }
    bytes.copy(this.#buffer, this.#buffered, start, end);
    this.#buffered += length;
  }

  #takeSeal(bytes: Buffer, start: number, end: number, faults: ChainFault[]): void {
    const seal = readSeal(bytes, start, end) as SealContent;
    this.#hash.update(this.#buffer.subarray(0, this.#buffered));
    const recordsHash = this.#hash.digest();
    if (!verifySeal(this.#publicKey, bytes, start, end)) faults.push('seal-signature');
    const from = this.#sealedFrom ?? seal.firstSeq;
    if (seal.firstSeq !== from || seal.lastSeq !== seal.seq - 1) faults.push('seal-range');
    if (this.#knowsSpan && !recordsHash.equals(seal.recordsHash)) faults.push('seal-hash');
    if (this.#knowsLastSeal && !isSameSeal(this.#lastSeal, seal.previousSeal)) {
      faults.push('seal-previous');
    }
    this.#lastSeal = sealHash(bytes.subarray(start, end));
    this.#knowsLastSeal = true;
    this.#knowsSpan = true;
    this.#sealedFrom = seal.seq + 1;
    this.#unsealed = 0;
    this.#buffered = 0;
    this.#hash = createHash('sha256');
  }
}

const NO_FAULTS: readonly ChainFault[] = [];

function isSameSeal(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
