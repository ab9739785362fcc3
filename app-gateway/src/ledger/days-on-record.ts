import type { KeyObject } from 'node:crypto';
import { HASH_BYTES } from '@sallyport/shared/audit/merkle.ts';
import { decodeRecord } from '@sallyport/shared/audit/record.ts';
import { recordFault } from '@sallyport/shared/audit/record-check.ts';
import { recordSeqAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE, type AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { formatSource } from '@sallyport/shared/audit/source.ts';
import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerDay, LedgerEntry, LedgerFailure, LedgerStore } from '../ports/ledger-store.ts';
import { type BegunDay, begunDayOf, saidAgainst } from './day-begun.ts';
import { type AnnouncedDrop, boundsText, DropsOnRecord } from './drops-on-record.ts';
import { type HoldOnRecord, HoldsOnRecord } from './holds-on-record.ts';
import { dropOf, holdKey, holdOf, isOf, type Said, saidIn, type ToldAnew } from './told-anew.ts';
import { FindingList } from './verify/finding.ts';
import { StreamCheck } from './verify/stream-check.ts';

/** A record that says something of days. */
export interface ToldOfDays extends Pick<LedgerEntry, 'index' | 'source' | 'record'> {
  /** A seal of its host covers it: asked of what lifts a hold, and of what takes the drop of a day back. */
  readonly isSealed: boolean;
}

/** What was read of the ledger, as far as it says something of days. */
export interface ReadOfDays {
  /** Numbers of the types that were read: a later version reads more. */
  readonly types: readonly number[];
  /** When it was begun; before that, whoever owned the database could have it say what he liked. */
  readonly sinceMs: number;
  /** Places before this one were read. */
  readonly readTo: number;
  /** Hash of the last of them: another ledger, or one that was set back, is read anew. */
  readonly lastLeaf: Buffer;
  readonly told: readonly ToldOfDays[];
}

/** Where a gateway keeps it, on its own disk: the database may be somebody else’s for a while. */
export interface DaysMemory {
  read(): Promise<ReadOfDays | undefined>;
  replace(read: ReadOfDays): Promise<void>;
}

export interface DaysOnRecordOptions {
  readonly store: Pick<LedgerStore, 'head' | 'days' | 'tile' | 'told' | 'search'>;
  readonly memory: DaysMemory;
  /** What proves seals of a gateway, one of before too; undefined: it is none that is known. */
  readonly gatewayKey: (node: string) => KeyObject | undefined;
  readonly nowMs: () => number;
  /** Lets others run. */
  readonly turn: () => Promise<void>;
}

const TOLD: readonly number[] = [
  ...[AUDIT_TYPE['day-begun'], AUDIT_TYPE['day-dropped'], AUDIT_TYPE['day-kept']],
  ...[AUDIT_TYPE['hold-set'], AUDIT_TYPE['hold-lifted']],
];
/** Believed under a seal alone. */
const EXCUSES: readonly AuditTypeName[] = ['hold-lifted', 'day-kept'];
/** What stays known where the ledger is another one, or was set back. */
const OF_HOLDS: readonly AuditTypeName[] = ['hold-set', 'hold-lifted'];
const REPEATS_KEPT = 2;
/** An embedded database does nothing else meanwhile. */
const PLACES_AT_ONCE = 2500;
/** Of one look: more than gateways write until the next one. */
const PIECES_MAX = 4000;
/** More than any ledger has: a day a day, and holds. */
const TOLD_MAX = 20_000;
/** Seals around a record stand so near to it, among so many of its host’s. */
const NEAR_PLACES = 200_000;
const NEAR_RECORDS = 5000;
/** Looked for again each time: the seal may still be on its way. */
const UNSEALED_MAX = 100;
const NOTHING = { types: TOLD, readTo: 0, lastLeaf: Buffer.alloc(0), told: [] } as const;

/**
 * Which days began where, and which are under a hold, by the records themselves: a gateway reads every record once, soon
 * after it came, and keeps what it says. What becomes of the database after that changes nothing of it.
 */
export class DaysOnRecord {
  readonly #options: DaysOnRecordOptions;
  #read: ReadOfDays | undefined;
  #holds: readonly HoldOnRecord[] = [];
  #begun: readonly BegunDay[] = [];
  #drops: readonly AnnouncedDrop[] = [];

  constructor(options: DaysOnRecordOptions) {
    this.#options = options;
  }

  get holds(): readonly HoldOnRecord[] {
    return this.#holds;
  }

  /** What speaks against the name of a day, or its bounds; undefined: nothing. */
  against(day: LedgerDay): string | undefined {
    return saidAgainst(this.#begun, day);
  }

  /** Places before this one were read. */
  get readTo(): number {
    return this.#read?.readTo ?? 0;
  }

  /** Since when this gateway has read this ledger, and remembers it. */
  get sinceMs(): number {
    return this.#read?.sinceMs ?? this.#options.nowMs();
  }

  /** Announcements that a day goes, which no record takes back. */
  announced(day: LedgerDay): readonly AnnouncedDrop[] {
    return this.#drops.filter((drop) => boundsText(drop) === boundsText(day));
  }

  /**
   * What records of a day say of other days, and no later one does: it is to be told anew before they go, or an auditor finds
   * records missing that were dropped long ago, and nobody who comes new knows of a hold that stands, or that one was lifted
   * whose setting another hold keeps. What no seal of a gateway
   * covers is nobody’s word, and is not repeated.
   */
  async endingWith(
    ending: LedgerDay,
    days: readonly LedgerDay[],
  ): Promise<Result<readonly ToldAnew[], LedgerFailure>> {
    const { firstIndex, endIndex } = ending;
    const byBounds = new Map(days.map((day) => [boundsText(day), day]));
    const standing = new Set(this.#drops.map(({ index }) => index));
    const setElsewhere = new Set(
      (this.#read?.told ?? [])
        .filter(({ index }) => standsElsewhere(index, ending, days))
        .flatMap(({ record }) => holdOf(record)?.hold ?? []),
    );
    const isTrue = ({ index }: ToldOfDays, { type, key, bounds, hold }: Said) => {
      if (type === 'hold-lifted') return hold !== undefined && setElsewhere.has(hold);
      if (bounds === undefined) {
        return this.#holds.some((one) => one.liftedMs === Infinity && holdKey(one) === key);
      }
      const isGone = byBounds.get(bounds)?.droppedAtMs !== undefined;
      return type === 'day-dropped' ? isGone && standing.has(index) : !isGone;
    };
    const told = (this.#read?.told ?? []).flatMap((one) => {
      const said = one.index < firstIndex ? undefined : saidIn(one.record);
      return said !== undefined && isTrue(one, said) ? [{ one, said }] : [];
    });
    const ends = new Set(
      told.filter(({ one }) => one.index < endIndex).map(({ said: { key } }) => key),
    );
    const anew: ToldAnew[] = [];
    for (const { one, said } of told.toReversed()) {
      if (!ends.has(said.key)) continue;
      const isSealed = await this.#isSealed(one);
      if (!isSealed.ok) return isSealed;
      if (!isSealed.value) continue;
      ends.delete(said.key);
      if (one.index < endIndex) anew.push(said);
    }
    return ok(anew);
  }

  /** Reads what came since; `false`: not all of it yet. */
  async readOn(isStopped: () => boolean): Promise<Result<boolean, LedgerFailure>> {
    const { store, memory } = this.#options;
    const head = await store.head();
    if (!head.ok) return head;
    const { size } = head.value;
    const before = await this.#readBefore(size);
    if (!before.ok) return before;
    const found = await this.#readFrom(before.value, size, isStopped);
    if (!found.ok) return found;
    const sealed = await this.#sealed(found.value.told);
    if (!sealed.ok) return sealed;
    const read = { ...found.value, told: sealed.value };
    await memory.replace(read);
    this.#read = read;
    this.#hear(read.told);
    return ok(read.readTo === size);
  }

  /** What is known already: of another ledger, or one that was set back, its holds. */
  async #readBefore(size: number): Promise<Result<ReadOfDays, LedgerFailure>> {
    const { memory, nowMs } = this.#options;
    const now = { ...NOTHING, sinceMs: nowMs() };
    const known = this.#read ?? (await memory.read()) ?? now;
    const { told, types } = known;
    const sinceMs = Math.min(known.sinceMs, now.sinceMs);
    const isOfTypes = TOLD.every((type) => types.includes(type));
    if (known.readTo === 0 || !isOfTypes) return ok({ ...now, sinceMs, told });
    const leaf = known.readTo > size ? ok(undefined) : await this.#leafBefore(known.readTo);
    if (!leaf.ok) return leaf;
    if (leaf.value?.equals(known.lastLeaf) === true) return ok({ ...known, sinceMs });
    return ok({ ...now, told: told.filter(({ record }) => isOf(record, OF_HOLDS)) });
  }

  async #readFrom(
    { sinceMs, readTo, lastLeaf, told: before }: ReadOfDays,
    size: number,
    isStopped: () => boolean,
  ): Promise<Result<ReadOfDays, LedgerFailure>> {
    const { store, turn } = this.#options;
    const days = await store.days();
    if (!days.ok) return days;
    if (!areInOnePiece(days.value, readTo, size)) return err(DAYS_CHANGED);
    const told = new Map(before.map((one) => [keyOf(one), one]));
    let at = readTo;
    for (let piece = 0; piece < PIECES_MAX && at < size && !isStopped(); piece++) {
      const to = Math.min(size, at + PLACES_AT_ONCE);
      const found = await store.told(TOLD, at, to);
      if (!found.ok) return found;
      for (const { index, source, record } of found.value) {
        const key = keyOf({ source, record });
        if (!told.has(key)) told.set(key, { index, source, record, isSealed: false });
      }
      if (told.size > TOLD_MAX) return err(TOO_MUCH);
      at = to;
      await turn();
    }
    const leaf = at === readTo ? ok(lastLeaf) : await this.#leafBefore(at);
    if (!leaf.ok) return leaf;
    const lastOf = { readTo: at, lastLeaf: leaf.value ?? NOTHING.lastLeaf };
    return ok({ types: TOLD, sinceMs, ...lastOf, told: withoutRepeats([...told.values()]) });
  }

  /** Hash of the record that stands before a place, as the tree has it. */
  async #leafBefore(place: number): Promise<Result<Buffer | undefined, LedgerFailure>> {
    const index = place - 1;
    const tile = await this.#options.store.tile(0, Math.floor(index / TILE_WIDTH));
    if (!tile.ok) return tile;
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    return ok(tile.value?.subarray(at, at + HASH_BYTES));
  }

  /** The same, with seals that were found by now. */
  async #sealed(
    told: readonly ToldOfDays[],
  ): Promise<Result<readonly ToldOfDays[], LedgerFailure>> {
    const open = told.filter(({ record, isSealed }) => !isSealed && isOf(record, EXCUSES));
    const found = new Set<ToldOfDays>();
    for (const one of open.slice(-UNSEALED_MAX)) {
      const isSealed = await this.#isSealed(one);
      if (!isSealed.ok) return isSealed;
      if (isSealed.value) found.add(one);
    }
    return ok(told.map((one) => (found.has(one) ? { ...one, isSealed: true } : one)));
  }

  async #isSealed({ index, source, record }: ToldOfDays): Promise<Result<boolean, LedgerFailure>> {
    const { store, gatewayKey } = this.#options;
    const key = gatewayKey(source.node);
    if (key === undefined) return ok(false);
    const near = { node: source.node, limit: NEAR_RECORDS };
    const [fromIndex, belowIndex] = [index - NEAR_PLACES, index + NEAR_PLACES];
    const upTo = await store.search({
      ...{ ...near, fromIndex, belowIndex: index + 1, order: 'newest-first' },
    });
    if (!upTo.ok) return upTo;
    const after = await store.search({
      ...{ ...near, fromIndex: index + 1, belowIndex, order: 'oldest-first' },
    });
    if (!after.ok) return after;
    const stream = new StreamCheck(source, key, new FindingList());
    const name = formatSource(source);
    for (const entry of [...upTo.value.toReversed(), ...after.value]) {
      const isRecord = recordFault(entry.record, 0, entry.record.length) === undefined;
      if (!isRecord || formatSource(entry.source) !== name) continue;
      stream.take(entry.index, entry.record, 0, entry.record.length);
    }
    return ok(!stream.isOfProxy && stream.isProven(recordSeqAt(record, 0)));
  }

  #hear(told: readonly ToldOfDays[]): void {
    const holds = new HoldsOnRecord();
    const begun: BegunDay[] = [];
    const drops = new DropsOnRecord();
    for (const { index, record, isSealed } of told) {
      const decoded = decodeRecord(record, 0, record.length);
      if (!decoded.ok || (!isSealed && isOf(record, EXCUSES))) continue;
      const day = begunDayOf(decoded.value);
      if (day !== undefined) begun.push(day);
      holds.hear(decoded.value);
      drops.hear(index, decoded.value);
    }
    this.#holds = holds.all;
    this.#begun = begun;
    this.#drops = drops.standing;
  }
}

const DAYS_CHANGED: LedgerFailure = { code: 'damaged', reason: 'days are not as they were' };
const TOO_MUCH: LedgerFailure = { code: 'damaged', reason: 'too many records of days and holds' };

/** Of what is told of a day again and again, the newest two: one of them may be nobody’s word. */
function withoutRepeats(told: readonly ToldOfDays[]): readonly ToldOfDays[] {
  const times = new Map<string, number>();
  const kept = told.toReversed().filter((one) => {
    const { key } = dropOf(one.record) ?? {};
    if (key === undefined) return true;
    const count = (times.get(key) ?? 0) + 1;
    times.set(key, count);
    return count <= REPEATS_KEPT;
  });
  return kept.toReversed();
}

/** Whether a place is in a day that is there and is not this one. */
function standsElsewhere(index: number, ending: LedgerDay, days: readonly LedgerDay[]): boolean {
  return days.some(
    ({ day, firstIndex, endIndex, droppedAtMs }) =>
      firstIndex <= index && index < endIndex && droppedAtMs === undefined && day !== ending.day,
  );
}

function keyOf({ source, record }: Pick<ToldOfDays, 'source' | 'record'>): string {
  return `${formatSource(source)} ${record.toString('latin1')}`;
}

/** Whether each of these places belongs to one day. */
function areInOnePiece(days: readonly LedgerDay[], from: number, to: number): boolean {
  let at = from;
  for (const { firstIndex, endIndex } of days.toSorted((a, b) => a.firstIndex - b.firstIndex)) {
    if (endIndex <= at) continue;
    if (firstIndex > at) return false;
    at = endIndex;
  }
  return at >= to;
}
