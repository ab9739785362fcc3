import { createHash, type Hash, type KeyObject } from 'node:crypto';
import { ClockWatch } from '@sallyport/shared/audit/clock-watch.ts';
import type { EarlierRun, NamedSeal } from '@sallyport/shared/audit/earlier-run.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import { SEQ_MAX } from '@sallyport/shared/audit/record-layout.ts';
import type { AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import {
  SEAL_DUE_RECORDS,
  SEALED_RECORDS_MAX,
  sealHash,
  sealRecord,
} from '@sallyport/shared/audit/seal.ts';
import type { AuditSource } from '@sallyport/shared/audit/source.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import type { LedgerJournal } from '../ports/ledger-journal.ts';

/** Writes down what happened at this node; resolves when it is on the disk (false: it never will be). */
export type Note = (type: AuditTypeName, fields: FieldValues, timeMs?: number) => Promise<boolean>;

export interface OwnStreamOptions {
  readonly source: AuditSource;
  readonly programVersion: string;
  /** This node's run before, where it is known. */
  readonly before?: EarlierRun | undefined;
  /** That seal of the stream of now is on the disk, and everything before it. */
  readonly sealed?: (seal: NamedSeal) => void;
  /** Another stream of this run begins, for the numbers of the one before are at their end: what it is called. */
  readonly nextEpoch: () => bigint;
  /** Signs the seals. */
  readonly witnessKey: KeyObject;
  readonly journal: Pick<LedgerJournal, 'append' | 'waitingBytes'>;
  readonly clock: Clock;
  /** The last number of a stream: less than there are, in tests. */
  readonly seqMax?: number;
}

/** A record waits so long for its seal at most. */
const SEAL_AFTER_MS = 1000;
/** What excuses that something is missing, and what takes that back, counts under a seal alone: after a kill there would be none. */
const SEALED_AT_ONCE: ReadonlySet<AuditTypeName> = new Set([
  ...(['day-dropped', 'day-kept', 'hold-lifted'] as const),
]);
/** Twice what channels are read up to: they can make us say little more. */
const WAITING_BYTES_MAX = 33_554_432;

/**
 * The gateway's own records: numbered, sealed, and put into the same journal as those of the proxies.
 *
 * While the disk takes nothing they wait in memory up to a limit; how many were left out beyond it, a `gap` record says.
 */
export class OwnStream {
  readonly #options: OwnStreamOptions;
  readonly #clockWatch = new ClockWatch();
  #source: AuditSource;
  #nextSeq = 0;
  #sealedSeq = 0;
  #hash: Hash = createHash('sha256');
  #previousSeal: NamedSeal | undefined;
  #timer: Timer | undefined;
  #lost: { count: number; readonly fromMs: number; untilMs: number } | undefined;
  #isClosed = false;
  /** Of the record that was handed to the journal last: all before it are done by then. */
  #lastDone: Promise<boolean> = Promise.resolve(true);

  constructor(options: OwnStreamOptions) {
    this.#options = options;
    this.#source = options.source;
    void this.note('stream-opened', this.#opened(options.before));
  }

  /** The time is now, unless it is known better. */
  readonly note: Note = (type, fields, timeMs = this.#options.clock.wallMs()) => {
    if (this.#isClosed) return Promise.resolve(false);
    if (this.#options.journal.waitingBytes > WAITING_BYTES_MAX) return this.#leaveOut();
    this.watchClock();
    this.#tellLost();
    return this.#write(type, fields, timeMs);
  };

  /** Puts on record that the host's clock was set; besides with each record, to be called about every minute. */
  watchClock(): void {
    const { clock } = this.#options;
    const expectedMs = this.#clockWatch.look(clock.wallMs(), clock.monotonicMs());
    if (expectedMs === undefined || this.#isClosed) return;
    void this.#write('clock-stepped', { expectedMs: BigInt(expectedMs) }, clock.wallMs());
  }

  /**
   * Seals what is there; nothing is taken any more. Resolves when all of it is on the disk, with the last seal;
   * undefined: it is not there, and never will be.
   */
  async close(): Promise<NamedSeal | undefined> {
    if (!this.#isClosed) {
      this.#tellLost();
      void this.#seal();
      // Where that began another stream, its first record is to have a seal too.
      void this.#seal();
    }
    this.#isClosed = true;
    // Its last record may be a seal that the clock asked for just before.
    return (await this.#lastDone) ? this.#previousSeal : undefined;
  }

  #opened(before: EarlierRun | undefined): FieldValues {
    const { node, worker, epoch } = this.#source;
    const { programVersion } = this.#options;
    return {
      node,
      worker,
      epoch,
      programVersion,
      ...(before !== undefined && { previousEpoch: before.epoch }),
      ...(before?.lastSeal !== undefined && {
        previousSeal: before.lastSeal.hash,
        previousSealSeq: before.lastSeal.seq,
      }),
    };
  }

  #leaveOut(): Promise<boolean> {
    const nowMs = this.#options.clock.wallMs();
    this.#lost ??= { count: 0, fromMs: nowMs, untilMs: nowMs };
    this.#lost.count++;
    this.#lost.untilMs = nowMs;
    return Promise.resolve(false);
  }

  #tellLost(): void {
    if (this.#lost === undefined) return;
    const { count, fromMs, untilMs } = this.#lost;
    this.#lost = undefined;
    const lost = { lostRecords: count, lostFromMs: BigInt(fromMs), lostUntilMs: BigInt(untilMs) };
    const fields = { ...lost, code: 'journal-failing' };
    void this.#write('gap', fields, this.#options.clock.wallMs());
  }

  #write(type: AuditTypeName, fields: FieldValues, timeMs: number): Promise<boolean> {
    const record = encodeRecord({ type, timeMs, seq: this.#nextSeq, fields });
    this.#hash.update(record);
    const done = this.#append(record);
    if (SEALED_AT_ONCE.has(type)) {
      void this.#seal();
      return this.#lastDone;
    }
    if (this.#nextSeq - this.#sealedSeq >= SEAL_DUE_RECORDS) void this.#seal();
    else this.#timer ??= this.#options.clock.after(SEAL_AFTER_MS, () => void this.#seal());
    return done;
  }

  async #seal(): Promise<void> {
    this.#timer?.stop();
    this.#timer = undefined;
    if (this.#nextSeq === this.#sealedSeq) return;
    const seal = sealRecord(
      {
        timeMs: this.#options.clock.wallMs(),
        seq: this.#nextSeq,
        firstSeq: this.#sealedSeq,
        lastSeq: this.#nextSeq - 1,
        recordsHash: this.#hash.digest(),
        previousSeal: this.#previousSeal?.hash,
      },
      this.#options.witnessKey,
    );
    this.#hash = createHash('sha256');
    const named = { seq: this.#nextSeq, hash: sealHash(seal) };
    this.#previousSeal = named;
    this.#sealedSeq = named.seq + 1;
    const source = this.#source;
    const appended = this.#append(seal);
    // The numbers end before they would start over: what has a number again would not be taken into the ledger.
    const { seqMax = SEQ_MAX } = this.#options;
    if (this.#nextSeq > seqMax - 2 * SEALED_RECORDS_MAX) this.#renew();
    if ((await appended) && source === this.#source) this.#options.sealed?.(named);
  }

  #renew(): void {
    const { nextEpoch, clock } = this.#options;
    const before = { epoch: this.#source.epoch, lastSeal: this.#previousSeal };
    this.#source = { ...this.#source, epoch: nextEpoch() };
    this.#nextSeq = 0;
    this.#sealedSeq = 0;
    this.#previousSeal = undefined;
    void this.#write('stream-opened', this.#opened(before), clock.wallMs());
  }

  #append(record: Buffer): Promise<boolean> {
    this.#nextSeq += 1;
    this.#lastDone = this.#options.journal.append({
      source: this.#source,
      records: record,
    });
    return this.#lastDone;
  }
}
