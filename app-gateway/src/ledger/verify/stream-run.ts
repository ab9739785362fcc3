import { createHash, type Hash } from 'node:crypto';
import type { NamedSeal } from '@sallyport/shared/audit/earlier-run.ts';
import { recordTimeAt, recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { readSeal, SEALED_RECORDS_MAX, sealHash } from '@sallyport/shared/audit/seal.ts';

/** What a run hears of its seals; places are the caller's. */
export interface SealSink {
  /** Whether the node's key signed this seal; the sink says itself if not. */
  isSigned(seal: Buffer, seq: number): boolean;
  wrong(
    code: 'seal-records-wrong' | 'seal-chain-broken' | 'seal-range-wrong' | 'seal-late',
    seq: number,
    firstSeq: number,
  ): void;
  /** These records, and the seal behind the last of them, are what the node wrote. */
  proven(firstSeq: number, sealSeq: number): void;
}

/** What is wrong with the first seal of a run whose beginning may have been before it, and its number. */
interface OpeningFault {
  readonly code: 'seal-records-wrong' | 'seal-range-wrong';
  readonly sealSeq: number;
}

/** The next run of a worker most often names one of the last. */
const SEALS_KEPT = 16;
const GATHER_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);

/**
 * Records of one source with neighbouring numbers, and the seals among them.
 *
 * A run that does not begin where a seal ended keeps its records up to its first seal, at most `SEALED_RECORDS_MAX`: the run before it may
 * still come, for numbers, not places, say what was first.
 */
export class StreamRun {
  readonly first: number;
  /** Where its first record stands in the ledger, and its last one. */
  readonly firstIndex: number;
  lastIndex: number;
  readonly #sink: SealSink;
  #next: number;
  /** Records before the first seal, that seal included, while nobody knows where its span begins. */
  #fragment: Buffer[] | undefined;
  #isFragmentClosed = false;
  #openingFault: OpeningFault | undefined;
  /** Both only while records wait for their seal: of runs that ended there may be thousands. */
  #hash: Hash | undefined;
  #gathered: Buffer | undefined;
  #gatheredBytes = 0;
  #spanFirst: number;
  /** Times of the first record after the last seal, and of the latest behind it. */
  #unsealedFromMs = 0;
  #unsealedUntilMs = 0;
  #seals: NamedSeal[] = [];
  #sealCount = 0;

  constructor(first: number, index: number, sink: SealSink) {
    this.first = first;
    this.firstIndex = index;
    this.lastIndex = index;
    this.#next = first;
    this.#sink = sink;
    this.#spanFirst = first;
    if (first !== 0) this.#fragment = [];
  }

  /** The number after the last one. */
  get next(): number {
    return this.#next;
  }

  get sealCount(): number {
    return this.#sealCount;
  }

  /** The last ones, newest last. */
  get seals(): readonly NamedSeal[] {
    return this.#seals;
  }

  /** Of its first seal, where that is about all the records before it, or about fewer, and does not fit. Whatever came before them may be missing. */
  get openingFault(): OpeningFault | undefined {
    return this.#openingFault;
  }

  /** Records after the last seal; the number of the first of them. */
  get unsealedFrom(): number {
    return this.#spanFirst;
  }

  /** From the first of these to the latest, by their own times: those of before, and of other pieces, say nothing of it. */
  get unsealedMs(): number {
    return this.#unsealedUntilMs - this.#unsealedFromMs;
  }

  /** Takes the record with the number `next`. */
  take(bytes: Buffer, start: number, end: number): void {
    const seq = this.#next++;
    const timeMs = recordTimeAt(bytes, start);
    if (seq === this.#spanFirst) this.#unsealedFromMs = timeMs;
    if (seq === this.#spanFirst || timeMs > this.#unsealedUntilMs) this.#unsealedUntilMs = timeMs;
    const isSeal = recordTypeAt(bytes, start) === AUDIT_TYPE.seal;
    if (this.#fragment !== undefined && !this.#isFragmentClosed) {
      this.#keep(bytes, start, end, isSeal, seq);
    } else if (isSeal) {
      this.#seal(Buffer.from(bytes.subarray(start, end)), seq);
    } else {
      this.#gather(bytes, start, end);
      if (seq - this.#spanFirst === SEALED_RECORDS_MAX)
        this.#sink.wrong('seal-late', seq, this.#spanFirst);
    }
  }

  /** The run that goes on where this one ends becomes part of it. */
  join(later: StreamRun): void {
    this.lastIndex = later.lastIndex;
    for (const record of later.#fragment ?? []) this.take(record, 0, record.length);
    if (!later.#isFragmentClosed) return;
    this.#next = later.#next;
    this.#hash = later.#hash;
    this.#gathered = later.#gathered;
    this.#gatheredBytes = later.#gatheredBytes;
    this.#spanFirst = later.#spanFirst;
    this.#unsealedFromMs = later.#unsealedFromMs;
    this.#unsealedUntilMs = later.#unsealedUntilMs;
    const last = this.#seals.at(-1)?.seq ?? -1;
    const others = later.#seals.filter(({ seq }) => seq > last);
    this.#seals = [...this.#seals, ...others].slice(-SEALS_KEPT);
    this.#sealCount += later.#sealCount - 1;
  }

  #keep(bytes: Buffer, start: number, end: number, isSeal: boolean, seq: number): void {
    const record = Buffer.from(bytes.subarray(start, end));
    this.#fragment?.push(record);
    if (isSeal) {
      this.#isFragmentClosed = true;
      if (this.#sink.isSigned(record, seq)) {
        this.#judgeFragment(record, seq);
        this.#sealed(record, seq);
      } else this.#spanFirst = seq + 1;
    } else if ((this.#fragment?.length ?? 0) > SEALED_RECORDS_MAX) {
      // No honest source writes so many; what came is let go, and the seal that is late is a fault of its own.
      this.#sink.wrong('seal-late', seq, this.first);
      this.#fragment = [];
      this.#isFragmentClosed = true;
    }
  }

  /** A seal of more than is here says nothing of it; one of these very records must fit. */
  #judgeFragment(record: Buffer, sealSeq: number): void {
    const content = readSeal(record, 0, record.length);
    if (content !== undefined && content.firstSeq < this.first && content.lastSeq === sealSeq - 1) {
      return;
    }
    if (content?.firstSeq !== this.first || content.lastSeq !== sealSeq - 1) {
      this.#openingFault = { code: 'seal-range-wrong', sealSeq };
      return;
    }
    const digest = createHash('sha256');
    for (const one of (this.#fragment ?? []).slice(0, -1)) digest.update(one);
    if (content.recordsHash.equals(digest.digest())) this.#sink.proven(this.first, sealSeq);
    else this.#openingFault = { code: 'seal-records-wrong', sealSeq };
  }

  #seal(record: Buffer, seq: number): void {
    this.#flush();
    const digest = (this.#hash ?? createHash('sha256')).digest();
    this.#hash = undefined;
    this.#gathered = undefined;
    const firstSeq = this.#spanFirst;
    const content = this.#sink.isSigned(record, seq)
      ? readSeal(record, 0, record.length)
      : undefined;
    if (content === undefined) {
      this.#spanFirst = seq + 1;
      return;
    }
    const before = this.#seals.at(-1);
    const isFollowing =
      before === undefined
        ? content.previousSeal === undefined
        : content.previousSeal?.equals(before.hash) === true;
    if (content.firstSeq !== firstSeq || content.lastSeq !== seq - 1) {
      this.#sink.wrong('seal-range-wrong', seq, firstSeq);
    } else if (!content.recordsHash.equals(digest)) {
      this.#sink.wrong('seal-records-wrong', seq, firstSeq);
    } else this.#sink.proven(firstSeq, seq);
    if (!isFollowing) this.#sink.wrong('seal-chain-broken', seq, firstSeq);
    this.#sealed(record, seq);
  }

  #sealed(record: Buffer, seq: number): void {
    this.#seals.push({ seq, hash: sealHash(record) });
    if (this.#seals.length > SEALS_KEPT) this.#seals.shift();
    this.#sealCount++;
    this.#spanFirst = seq + 1;
  }

  /** Small records are hashed many at once. */
  #gather(bytes: Buffer, start: number, end: number): void {
    const room = this.#roomFor(end - start);
    bytes.copy(room, this.#gatheredBytes, start, end);
    this.#gatheredBytes += end - start;
  }

  /** It grows as it fills: of a file with tens of thousands of short runs each would hold all of it. */
  #roomFor(length: number): Buffer {
    if (this.#gatheredBytes + length > GATHER_BYTES) this.#flush();
    const before = this.#gathered ?? NOTHING;
    const needed = this.#gatheredBytes + length;
    if (needed <= before.length) return before;
    const room = Buffer.allocUnsafe(Math.min(GATHER_BYTES, Math.max(needed, 8 * before.length)));
    before.copy(room, 0, 0, this.#gatheredBytes);
    this.#gathered = room;
    return room;
  }

  #flush(): void {
    if (this.#gathered === undefined || this.#gatheredBytes === 0) return;
    this.#hash ??= createHash('sha256');
    this.#hash.update(this.#gathered.subarray(0, this.#gatheredBytes));
    this.#gatheredBytes = 0;
  }
}
