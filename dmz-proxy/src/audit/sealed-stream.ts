import type { KeyObject } from 'node:crypto';
import { ClockWatch } from '@sallyport/shared/audit/clock-watch.ts';
import type { EarlierRun, NamedSeal } from '@sallyport/shared/audit/earlier-run.ts';
import { FIELD } from '@sallyport/shared/audit/record-fields.ts';
import { SEQ_MAX } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { RecordWriter } from '@sallyport/shared/audit/record-writer.ts';
import {
  SEAL_DUE_RECORDS,
  SEALED_RECORDS_MAX,
  sealHash,
  sealRecord,
} from '@sallyport/shared/audit/seal.ts';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import { Gap, type GapCode } from './gap.ts';
import type { RecordLog } from './record-log.ts';

/**
 * When a record must leave: `urgent` before anything is written to partners in this turn, `prompt` with what is sent to
 * gateways in this turn, `patient` with whatever leaves in the next few milliseconds.
 */
export type Haste = 'urgent' | 'prompt' | 'patient';

/** So long after a seal the next may come: in a busy worker a signature takes as long as twenty messages. */
const SEAL_SPACING_MS = 50;
/** How many records later a seal that came too early is thought of again. */
const LOOK_AGAIN_RECORDS = 512;

export interface SealedStreamOptions {
  readonly log: RecordLog;
  readonly node: string;
  readonly worker: number;
  readonly epoch: bigint;
  readonly programVersion: string;
  /** Tells what is known of the stream before, and notes the one that begins. */
  readonly previousRun: (current: bigint) => EarlierRun | undefined;
  readonly clock: Clock;
  /** Unpredictable: names one stream among all of this worker. */
  readonly newEpoch: () => bigint;
  /** A record was added that the log does not say is seen to. */
  readonly recorded: (haste: Haste) => void;
  /** The last number of a stream: less than there are, in tests. */
  readonly seqMax?: number;
}

/**
 * The one stream of records of this run: numbers them, seals them, and says what it could not take.
 *
 * A seal is a record like others, signed with the node's witness key: it covers all since the seal before, and names
 * it by its hash, so that nobody without the key can take one out, put one in, or change one.
 */
export class SealedStream {
  readonly #options: SealedStreamOptions;
  readonly #log: RecordLog;
  readonly #writer: RecordWriter;
  /** By code and what more there is to say, of which each code has few. */
  readonly #gaps = new Map<string, Gap>();
  #epoch: bigint;
  #key: KeyObject | undefined;
  #keptBytesMax = 0;
  #firstUnsealed = 0;
  /** The number from which on a seal may be due, and when the last was made. */
  #lookAtSeq = SEAL_DUE_RECORDS;
  #sealedAtMs = Number.NEGATIVE_INFINITY;
  #previousSeal: NamedSeal | undefined;
  readonly #clockWatch = new ClockWatch();
  /** The time in all records of one turn, in two halves: reading the clock for each costs a tenth of the record. */
  #turnHigh = 0;
  #turnLow = 0;
  #knowsTime = false;

  constructor(options: SealedStreamOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#epoch = options.epoch;
    this.#writer = new RecordWriter(options.log.buffer);
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  /** The newest seal of this stream. */
  get lastSeal(): NamedSeal | undefined {
    return this.#previousSeal;
  }

  /** Whether records are taken at all. */
  get isOpen(): boolean {
    return this.#key !== undefined;
  }

  /** The number that the next record gets. */
  get nextSeq(): number {
    return this.#log.nextSeq;
  }

  /** From now on records are taken, while fewer than so many bytes are kept; the first call opens the stream. */
  open(witnessKey: KeyObject, keptBytesMax: number): void {
    const isFirst = this.#log.nextSeq === 0;
    this.#key = witnessKey;
    this.#keptBytesMax = keptBytesMax;
    if (!isFirst) return;
    this.#watchClock();
    this.#writeOpened();
  }

  /** What was written is on its way: the next record tells a new time. */
  turnOver(): void {
    this.#knowsTime = false;
  }

  /** Takes no more; what there is gets its seal. */
  close(): void {
    if (this.#key === undefined) return;
    this.#writeGaps();
    this.seal();
    this.#key = undefined;
  }

  /** Begins a record of that type, to be completed by `end`; undefined where none is taken. */
  begin(type: number): RecordWriter | undefined {
    if (this.#key === undefined) return undefined;
    const log = this.#log;
    if (log.bytes >= this.#keptBytesMax) {
      this.#leaveOutOne();
      return undefined;
    }
    if (!this.#knowsTime) this.#readClock();
    log.room();
    const writer = this.#writer;
    writer.target(log.buffer, log.at);
    writer.beginAt(type, this.#turnHigh, this.#turnLow, log.nextSeq);
    return writer;
  }

  /** Completes the record that was begun; returns its number. */
  end(haste: Haste = 'prompt'): number {
    const log = this.#log;
    log.commit(this.#writer.end());
    const seq = log.nextSeq - 1;
    const { seenTo } = log;
    // Of most records nobody needs to hear.
    if (haste === 'urgent' || (seenTo !== 'prompt' && seenTo !== haste))
      this.#options.recorded(haste);
    if (log.nextSeq >= this.#lookAtSeq) this.#sealIfDue();
    return seq;
  }

  /** Something is not on record: a record will say how much, and `note`. */
  leaveOut(code: GapCode, lost: number, fromMs: number, untilMs: number, note = ''): void {
    const name = `${code} ${note}`;
    let gap = this.#gaps.get(name);
    if (gap === undefined) {
      gap = new Gap(code, note);
      this.#gaps.set(name, gap);
    }
    gap.count(lost, fromMs, untilMs);
  }

  /** About once a second: what was lost, a clock that was set, and a seal over what has come. */
  sweep(): void {
    this.turnOver();
    if (this.#key === undefined) return;
    this.#watchClock();
    this.#writeGaps();
    this.seal();
  }

  /** Signs what has come since the last seal. */
  seal(): void {
    const key = this.#key;
    const log = this.#log;
    const lastSeq = log.nextSeq - 1;
    if (key === undefined || lastSeq < this.#firstUnsealed) return;
    log.room();
    const seal = sealRecord(
      {
        timeMs: this.#options.clock.wallMs(),
        seq: log.nextSeq,
        firstSeq: this.#firstUnsealed,
        lastSeq,
        recordsHash: log.takeHash(),
        previousSeal: this.#previousSeal?.hash,
      },
      key,
    );
    this.#previousSeal = { seq: log.nextSeq, hash: sealHash(seal) };
    log.commit(log.at + seal.copy(log.buffer, log.at));
    // The seal is in no seal's hash: the next one names it.
    log.takeHash();
    this.#firstUnsealed = log.nextSeq;
    this.#lookAtSeq = log.nextSeq + SEAL_DUE_RECORDS;
    this.#sealedAtMs = this.#options.clock.monotonicMs();
    this.#options.recorded('prompt');
    // The numbers end before they would start over.
    if (log.nextSeq > (this.#options.seqMax ?? SEQ_MAX) - 2 * SEALED_RECORDS_MAX) this.#renew();
  }

  #sealIfDue(): void {
    const { nextSeq } = this.#log;
    const latestSeq = this.#firstUnsealed + SEALED_RECORDS_MAX;
    const sinceMs = this.#options.clock.monotonicMs() - this.#sealedAtMs;
    if (nextSeq >= latestSeq || sinceMs >= SEAL_SPACING_MS) this.seal();
    else this.#lookAtSeq = Math.min(nextSeq + LOOK_AGAIN_RECORDS, latestSeq);
  }

  #readClock(): void {
    const wallMs = this.#options.clock.wallMs();
    this.#turnHigh = (wallMs / 0x1_00_00_00_00) | 0;
    this.#turnLow = wallMs | 0;
    this.#knowsTime = true;
  }

  #leaveOutOne(): void {
    const wallMs = this.#options.clock.wallMs();
    this.leaveOut('audit-full', 1, wallMs, wallMs);
  }

  #begin(type: number, wallMs: number): RecordWriter {
    const log = this.#log;
    log.room();
    this.#writer.target(log.buffer, log.at);
    this.#writer.begin(type, wallMs, log.nextSeq);
    return this.#writer;
  }

  #writeOpened(): void {
    const { node, worker, programVersion, clock } = this.#options;
    const previous = this.#options.previousRun(this.#epoch);
    const writer = this.#begin(AUDIT_TYPE['stream-opened'], clock.wallMs());
    writer.string(FIELD.node, node);
    writer.u32(FIELD.worker, worker);
    writer.u64(FIELD.epoch, this.#epoch);
    writer.string(FIELD.programVersion, programVersion);
    if (previous !== undefined) writer.u64(FIELD.previousEpoch, previous.epoch);
    const previousSeal = this.#previousSeal ?? previous?.lastSeal;
    if (previousSeal !== undefined) {
      const { seq, hash } = previousSeal;
      writer.text(FIELD.previousSeal, hash, 0, hash.length);
      writer.u32(FIELD.previousSealSeq, seq);
      this.#previousSeal = undefined;
    }
    this.end();
  }

  /** Says how much was lost, once there is room to say it. */
  #writeGaps(): void {
    if (this.#gaps.size === 0 || this.#log.bytes >= this.#keptBytesMax) return;
    const gaps = [...this.#gaps.values()];
    this.#gaps.clear();
    for (const { code, note, lost, fromMs, untilMs } of gaps) {
      const writer = this.#begin(AUDIT_TYPE.gap, this.#options.clock.wallMs());
      writer.u32(FIELD.lostRecords, lost);
      writer.u64(FIELD.lostFromMs, fromMs);
      writer.u64(FIELD.lostUntilMs, untilMs);
      writer.string(FIELD.code, code);
      if (note !== '') writer.string(FIELD.note, note);
      this.end();
    }
  }

  #watchClock(): void {
    const { clock } = this.#options;
    const expectedMs = this.#clockWatch.look(clock.wallMs(), clock.monotonicMs());
    if (expectedMs === undefined) return;
    const writer = this.begin(AUDIT_TYPE['clock-stepped']);
    if (writer === undefined) return;
    writer.u64(FIELD.expectedMs, expectedMs);
    this.end();
  }

  #renew(): void {
    this.#epoch = this.#options.newEpoch();
    this.#firstUnsealed = 0;
    this.#lookAtSeq = SEAL_DUE_RECORDS;
    this.#log.begin(this.#epoch);
    this.#writeOpened();
  }
}
