import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import type { LedgerDay, LedgerStore, LegalHold } from '../ports/ledger-store.ts';
import type { DaysOnRecord } from './days-on-record.ts';
import { AT_ONCE_MS, type HoldOnRecord } from './holds-on-record.ts';
import type { Note } from './own-stream.ts';

export interface RetentionOptions {
  readonly node: string;
  readonly store: Pick<
    LedgerStore,
    'days' | 'holds' | 'putBackHold' | 'dropDay' | 'thinCheckpoints' | 'digestDays'
  >;
  readonly onRecord: Pick<
    DaysOnRecord,
    'readOn' | 'readTo' | 'sinceMs' | 'holds' | 'against' | 'announced' | 'endingWith'
  >;
  readonly note: Note;
  readonly clock: Clock;
  /** Whole days that records are kept, beside the one they came on. */
  readonly retentionDays: () => number;
  readonly dropped: (day: string, entries: number) => void;
  /** A hold that the database did not have as records say: it has it again. */
  readonly putBack: (hold: string) => void;
  readonly failed: (code: string) => void;
}

const INTERVAL_MS = 600_000;
const DAY_MS = 86_400_000;
/** Most sites write something every few days: their hosts renew their certificates. */
const SILENT_MS = 7 * DAY_MS;
/** A clock that has leapt further counts once it has gone steadily for so long. */
const STEADY_MS = 7 * DAY_MS;
/** Nobody calls a clock that is set right a leap. */
const STEP_MS = 3_600_000;
/** All checkpoints are kept so long; of what is older, one an hour. */
const CHECKPOINTS_KEPT_MS = 7 * DAY_MS;
/** Pieces at a time: those of years are done within a day. */
const THINNED_MAX = 20;
/** Pieces of digests at a time, of a thousand records each: those of years are noted within a day. */
const DIGESTED_MAX = 250;
/**
 * So long a gateway that has never read this ledger drops nothing: one that has puts back the holds that it knows of, and
 * people may look before.
 */
const NEW_MS = DAY_MS;
/** So long another gateway may be about to do what it announced. */
const AT_WORK_MS = INTERVAL_MS;
/** A gateway that lifts a hold may bring the record of it so much later. */
const LIFTED_LATE_MS = 3_600_000;

/**
 * Drops days that were kept long enough and are under no hold, and puts that on record before it is done, or that it came
 * to nothing; thins out checkpoints that are old; has noted what days that are over can be searched for.
 *
 * A dropped day never comes back: what keeps it need be said only once, by the database or by the ledger's own records.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #timer: Timer;
  #looking: Promise<void> = Promise.resolve();
  /** Checkpoints up to this size were thinned out. */
  #thinned = 0;
  #isStopped = false;
  /** Calendar less running time, and since when of the latter it is the same. */
  #offsetMs = 0;
  #steadySinceMs = 0;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#isSteady();
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
    const { store, onRecord, clock, retentionDays, failed } = this.#options;
    const read = await onRecord.readOn(() => this.#isStopped);
    if (!read.ok) return failed(read.error.code);
    // The rest is read at the next look; what lifts a hold may be in it.
    if (!read.value) return;
    const [days, holds] = [await store.days(), await store.holds()];
    if (!days.ok) return failed(days.error.code);
    if (!holds.ok) return failed(holds.error.code);
    const standing = onRecord.holds.filter(({ liftedMs }) => liftedMs === Infinity);
    for (const hold of standing) await this.#keep(hold, holds.value);
    const inForce = [...standing, ...holds.value.filter(isInForce)];
    const oldest = dayText(clock.wallMs() - retentionDays() * DAY_MS);
    const newest = days.value.at(-1)?.day;
    const left = days.value.filter(({ droppedAtMs }) => droppedAtMs === undefined);
    const isHeld = (day: string) =>
      inForce.some(({ firstDay, lastDay }) => firstDay <= day && day <= lastDay);
    const due = new Set(left.filter(({ day }) => day < oldest && day !== newest && !isHeld(day)));
    for (const day of left) {
      if (this.#isStopped) return;
      if (!due.has(day)) await this.#takeBack(day);
    }
    const isLongKnown = clock.wallMs() - onRecord.sinceMs >= NEW_MS;
    const isSteady = this.#isSteady();
    if (due.size === 0 || !isLongKnown) return;
    if (!isSteady && hasLeapt(days.value, clock.wallMs())) return failed('clock-leapt');
    for (const day of due) {
      if (this.#isStopped) return;
      await this.#drop(day, days.value);
    }
  }

  /** Whether the calendar has gone with the running time for so long that it may be believed. */
  #isSteady(): boolean {
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const offsetMs = clock.wallMs() - nowMs;
    if (Math.abs(offsetMs - this.#offsetMs) > STEP_MS) {
      this.#offsetMs = offsetMs;
      this.#steadySinceMs = nowMs;
    }
    return nowMs - this.#steadySinceMs >= STEADY_MS;
  }

  /** A hold that stands by its records stands in the database too, or is put back: erasing and listing go by that. */
  async #keep(hold: HoldOnRecord, holds: readonly LegalHold[]): Promise<void> {
    const { node, store, note, clock, putBack, failed } = this.#options;
    const { name, firstDay, lastDay, reason, setBy, setMs: setAtMs } = hold;
    const known = holds.find((one) => one.name === name);
    if (known?.liftedAtMs !== undefined) {
      const agoMs = clock.wallMs() - known.liftedAtMs;
      if (-AT_ONCE_MS < agoMs && agoMs < LIFTED_LATE_MS) return;
    } else if (known !== undefined && known.firstDay <= firstDay && lastDay <= known.lastDay)
      return;
    const fields = { command: 'audit-hold', subject: name, note: 'it stands by its records' };
    if (!(await note('configuration-changed', { author: node, ...fields }))) return;
    const done = await store.putBackHold({ name, firstDay, lastDay, reason, setBy, setAtMs });
    if (done.ok) putBack(name);
    else failed(done.error.code);
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

  /** A drop that was announced and came to nothing excuses nothing any more: what is under a hold by now may not go unseen. */
  async #takeBack(found: LedgerDay): Promise<void> {
    const { node, onRecord, note, clock } = this.#options;
    const announced = onRecord.announced(found);
    const sinceMs = clock.wallMs() - AT_WORK_MS;
    if (announced.length === 0 || announced.some(({ droppedMs }) => droppedMs > sinceMs)) return;
    const treeSize = BigInt(onRecord.readTo);
    await note('day-kept', { ...placesOf(found), treeSize, author: node });
  }

  async #drop(found: LedgerDay, days: readonly LedgerDay[]): Promise<void> {
    const { day } = found;
    const { node, store, onRecord, note, clock, retentionDays, dropped, failed } = this.#options;
    if (onRecord.against(found) !== undefined) return failed('day-misnamed');
    const anew = await onRecord.endingWith(found, days);
    if (!anew.ok) return failed(anew.error.code);
    for (const { type, fields } of anew.value) if (!(await note(type, fields))) return;
    const places = placesOf(found);
    const why = `kept for ${retentionDays()} days`;
    if (!(await note('day-dropped', { ...places, author: node, note: why }))) return;
    const done = await store.dropDay(day, clock.wallMs());
    if (done.ok) dropped(day, Number(places.entries));
    // Another gateway was faster, or a hold came in between.
    else if (done.error.code !== 'conflict') failed(done.error.code);
  }
}

function placesOf({ day, firstIndex, endIndex }: LedgerDay) {
  return { day, firstIndex: BigInt(firstIndex), entries: BigInt(endIndex - firstIndex) };
}

/**
 * Whether the clock came to where it is by a leap, a week ago at most: the days on record leave out more than a living site
 * does. A host that starts with a clock two years ahead would drop all there is; by then somebody will have noticed.
 */
function hasLeapt(days: readonly LedgerDay[], nowMs: number): boolean {
  const today = dayText(nowMs);
  // Behind the newest day it cannot be ahead of the records.
  if ((days.at(-1)?.day ?? '') > today) return false;
  const lately = dayText(nowMs - STEADY_MS);
  return [...days.map(({ day }) => day), today].some((day, at, all) => {
    const before = all[at - 1] ?? day;
    return day > lately && Date.parse(day) - Date.parse(before) > SILENT_MS;
  });
}

function isInForce({ liftedAtMs }: LegalHold): boolean {
  return liftedAtMs === undefined;
}
