import { decodeRecord } from '@sallyport/shared/audit/record.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerDay, LedgerFailure, LedgerStore } from '../ports/ledger-store.ts';
import { begunDayOf, begunOtherwise } from './day-begun.ts';
import type { Note } from './own-stream.ts';

export interface RetentionOptions {
  readonly node: string;
  readonly store: Pick<
    LedgerStore,
    'days' | 'holds' | 'search' | 'dropDay' | 'thinCheckpoints' | 'digestDays'
  >;
  readonly note: Note;
  readonly clock: Clock;
  /** Whole days that records are kept, beside the one they came on. */
  readonly retentionDays: () => number;
  readonly dropped: (day: string, entries: number) => void;
  readonly failed: (code: string) => void;
}

const INTERVAL_MS = 600_000;
const DAY_MS = 86_400_000;
/** All checkpoints are kept so long; of what is older, one an hour. */
const CHECKPOINTS_KEPT_MS = 7 * DAY_MS;
/** Pieces at a time: those of years are done within a day. */
const THINNED_MAX = 20;
/** Pieces of digests at a time, of a thousand records each: those of years are noted within a day. */
const DIGESTED_MAX = 250;
/** A day's first records, among which is the one that says that it has begun. */
const FIRST_RECORDS = 20_000;

/**
 * Drops days that were kept long enough and are under no hold, and puts that on record before it is done; thins out
 * checkpoints that are old; has noted what days that are over can be searched for.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #timer: Timer;
  #looking: Promise<void> = Promise.resolve();
  /** Checkpoints up to this size were thinned out. */
  #thinned = 0;
  #isStopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#timer = options.clock.every(INTERVAL_MS, () => void this.look());
  }

  /** Resolves when every day that is due was dropped. */
  look(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#look())
      .then(() => this.#thin())
      .then(() => this.#digest());
    return this.#looking;
  }

  /** Waits for the day or the piece at hand; the others are left to the next run. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer.stop();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { store, clock, retentionDays, failed } = this.#options;
    const [days, holds] = [await store.days(), await store.holds()];
    if (!days.ok) return failed(days.error.code);
    if (!holds.ok) return failed(holds.error.code);
    const oldestMs = clock.wallMs() - retentionDays() * DAY_MS;
    const oldest = new Date(oldestMs).toISOString().slice(0, 10);
    const newest = days.value.at(-1)?.day;
    for (const day of days.value) {
      if (this.#isStopped) return;
      const isHeld = holds.value.some(
        ({ firstDay, lastDay, liftedAtMs }) =>
          liftedAtMs === undefined && firstDay <= day.day && day.day <= lastDay,
      );
      const isDue = day.day < oldest && day.day !== newest && day.droppedAtMs === undefined;
      if (isDue && !isHeld) await this.#drop(day);
    }
  }

  async #thin(): Promise<void> {
    const { store, clock, failed } = this.#options;
    const beforeMs = clock.wallMs() - CHECKPOINTS_KEPT_MS;
    for (let piece = 0; piece < THINNED_MAX && !this.#isStopped; piece++) {
      const done = await store.thinCheckpoints(this.#thinned, beforeMs);
      if (!done.ok) return failed(done.error.code);
      this.#thinned = done.value.upTo;
      if (!done.value.isMore) return;
    }
  }

  async #digest(): Promise<void> {
    const { store, failed } = this.#options;
    for (let piece = 0; piece < DIGESTED_MAX && !this.#isStopped; piece++) {
      const done = await store.digestDays();
      if (!done.ok) return failed(done.error.code);
      if (!done.value) return;
    }
  }

  async #drop(found: LedgerDay): Promise<void> {
    const { day, firstIndex, endIndex } = found;
    const { node, store, note, clock, retentionDays, dropped, failed } = this.#options;
    const misnamed = await this.#isMisnamed(found);
    if (!misnamed.ok) return failed(misnamed.error.code);
    if (misnamed.value) return failed('day-misnamed');
    const entries = endIndex - firstIndex;
    const isOnRecord = await note('day-dropped', {
      day,
      firstIndex: BigInt(firstIndex),
      entries: BigInt(entries),
      author: node,
      note: `kept for ${retentionDays()} days`,
    });
    if (!isOnRecord) return;
    const done = await store.dropDay(day, clock.wallMs());
    if (done.ok) dropped(day, entries);
    // Another gateway was faster, or a hold came in between.
    else if (done.error.code !== 'conflict') failed(done.error.code);
  }

  /** Whether it began, or the next one did, as another day than it is called now. */
  async #isMisnamed(day: LedgerDay): Promise<Result<boolean, LedgerFailure>> {
    for (const fromIndex of [day.firstIndex, day.endIndex]) {
      const found = await this.#options.store.search({
        types: [AUDIT_TYPE['day-begun']],
        fromIndex,
        belowIndex: fromIndex + FIRST_RECORDS,
        order: 'oldest-first',
        limit: 10,
      });
      if (!found.ok) return found;
      for (const { record } of found.value) {
        const decoded = decodeRecord(record, 0, record.length);
        const begun = decoded.ok ? begunDayOf(decoded.value) : undefined;
        if (begun !== undefined && begunOtherwise(begun, day) !== undefined) return ok(true);
      }
    }
    return ok(false);
  }
}
