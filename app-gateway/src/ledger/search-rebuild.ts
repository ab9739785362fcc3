import { HASH_BYTES, leafHash } from '@sallyport/shared/audit/merkle.ts';
import { isBeyondThisVersion, recordFault } from '@sallyport/shared/audit/record-check.ts';
import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import { recordSeqAt } from '@sallyport/shared/audit/record-layout.ts';
import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';
import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerDay, LedgerFailure, LedgerStore } from '../ports/ledger-store.ts';
import type { MendedRow } from '../ports/searched-mender.ts';
import type { SearchedRow } from '../ports/searched-tables.ts';
import type { IndexRange } from './index-range.ts';
import { type Orderer, ordererFields } from './orderer.ts';
import type { Note } from './own-stream.ts';
import { columnsOf } from './record-columns.ts';
import { changedColumns } from './row-walk.ts';
import { searchCheckPage } from './search-check.ts';
import { type Finding, type FindingCode, FindingList } from './verify/finding.ts';

/** Who has it made anew, and why. */
export interface RebuildWish extends Orderer {
  readonly reason: string;
}

/** Where it goes on. */
export interface RebuildPlace {
  /** Next index; from `size` on, so many days were looked at for rows that do not belong there. */
  readonly at: number;
  readonly size: number;
  /** The rows there are done; a day that ends there has more records than one piece can count. */
  readonly isCounting?: boolean | undefined;
}

/** A piece of it; `place` is where it goes on, absent after the last one. */
export interface RebuildPage {
  /** Records whose rows were looked at. */
  readonly compared: number;
  /** Rows that were written anew, and how many of these had been in another day. */
  readonly mended: number;
  readonly moved: number;
  /** Days whose bounds and counts were written anew. */
  readonly recounted: readonly string[];
  /** What is wrong still: no record tells how it was. */
  readonly findings: readonly Finding[];
  readonly leftOut: number;
  readonly place?: RebuildPlace;
}

/** What was looked at and written of a thousand places, and the days that they are of. */
interface Mended {
  readonly mends: readonly MendedRow[];
  readonly compared: number;
  readonly days: readonly LedgerDay[];
}

export interface RebuildDeskOptions {
  readonly store: Pick<LedgerStore, 'head' | 'days' | 'tile' | 'searched' | 'mender'>;
  readonly note: Note;
}

const PLACES_A_PAGE = 1000;
const DAYS_A_PAGE = 100;
const NOTHING: RebuildPage = {
  ...{ compared: 0, mended: 0, moved: 0, recounted: [], findings: [], leftOut: 0 },
};

/**
 * Makes what searches and statistics read anew from the records, a thousand places at a time, while the ledger grows.
 *
 * A record counts where its hash is the one that the tree has at its place. Records and tree are never written, and a row
 * where none belongs is left: it holds a record.
 */
export class RebuildDesk {
  readonly #options: RebuildDeskOptions;

  constructor(options: RebuildDeskOptions) {
    this.#options = options;
  }

  /** That it begins is on record before anything is done; what was changed, piece by piece, after. */
  async page(
    wish: RebuildWish,
    place: RebuildPlace | undefined,
  ): Promise<Result<RebuildPage, LedgerFailure | 'not-on-record'>> {
    if (place === undefined) return this.#begin(wish);
    const { at: from, size, isCounting = false } = place;
    if (from >= size) return this.#end(size, from - size);
    const span = { from, to: Math.min(size, from + PLACES_A_PAGE) };
    const findings = new FindingList();
    const found = isCounting ? await this.#daysAlone() : await this.#mend(span, findings);
    if (!found.ok) return found;
    const { mends, compared, days } = found.value;
    const recounted = await this.#recount(days, span, findings);
    if (!recounted.ok) return recounted;
    const { changed, isLeft } = recounted.value;
    const moved = mends.filter(({ day, standsIn }) => day !== standsIn).length;
    if (mends.length + changed.length > 0) {
      const after = { ...span, rows: mends.length, moved, days: changed };
      await this.#note(wish, { after: canonicalJson(after) });
    }
    const { all, leftOut } = findings;
    return ok({
      compared,
      mended: mends.length,
      moved,
      recounted: changed,
      findings: all,
      leftOut,
      place: isLeft ? { at: from, size, isCounting: true } : { at: span.to, size },
    });
  }

  /** Rows are as their records say, from here on. */
  async #mend(span: IndexRange, findings: FindingList): Promise<Result<Mended, LedgerFailure>> {
    const found = await this.#options.store.searched.rows(span.from, span.to);
    if (!found.ok) return found;
    const { rows, days } = found.value;
    const plan = await this.#plan(span, rows, days, findings);
    if (!plan.ok) return plan;
    const { mends, compared } = plan.value;
    if (mends.length > 0) {
      const done = await this.#options.store.mender.mend(mends);
      if (!done.ok) return done;
    }
    return ok({ mends, compared, days });
  }

  /** Where rows were mended in the piece before. */
  async #daysAlone(): Promise<Result<Mended, LedgerFailure>> {
    const days = await this.#options.store.days();
    return days.ok ? ok({ mends: [], compared: 0, days: days.value }) : days;
  }

  async #begin(wish: RebuildWish): Promise<Result<RebuildPage, LedgerFailure | 'not-on-record'>> {
    if (!(await this.#note(wish, {}))) return err('not-on-record');
    const forgotten = await this.#options.store.mender.forgetDigests();
    if (!forgotten.ok) return forgotten;
    const head = await this.#options.store.head();
    if (!head.ok) return head;
    return ok({ ...NOTHING, place: { at: 0, size: head.value.size } });
  }

  /** What is where it does not belong, once all that can be brought back was. */
  async #end(size: number, done: number): Promise<Result<RebuildPage, LedgerFailure>> {
    const { searched } = this.#options.store;
    const findings = new FindingList();
    let unnamed = 0;
    if (done === 0) {
      const standing = await searchCheckPage(searched, undefined);
      if (!standing.ok) return standing;
      unnamed = standing.value.leftOut;
      for (const { severity, text, code, ...place } of standing.value.findings) {
        findings.add(code, place);
      }
    }
    const days = await this.#options.store.days();
    if (!days.ok) return days;
    // The newest is among what was found already.
    const over = days.value.slice(0, -1);
    const end = done + DAYS_A_PAGE;
    for (const { day } of over.slice(done, end)) {
      const noted = await searched.noted(day);
      if (!noted.ok) return noted;
      for (const { index, day: detail } of noted.value?.strayRows ?? []) {
        findings.add('row-astray', { index, detail });
      }
    }
    const { all, leftOut } = findings;
    return ok({
      ...NOTHING,
      findings: all,
      leftOut: leftOut + unnamed,
      ...(end < over.length && { place: { at: size + end, size } }),
    });
  }

  #note({ reason, ...orderer }: RebuildWish, what: FieldValues): Promise<boolean> {
    return this.#options.note('configuration-changed', {
      ...ordererFields(orderer),
      command: 'audit-rebuild',
      subject: 'ledger',
      note: reason,
      ...what,
    });
  }

  /** Which rows are to be written, each by the record that the tree has at its place. */
  async #plan(
    { from, to }: IndexRange,
    rows: readonly SearchedRow[],
    days: readonly LedgerDay[],
    findings: FindingList,
  ): Promise<Result<{ mends: readonly MendedRow[]; compared: number }, LedgerFailure>> {
    const hashes = await this.#leafHashes(from, to);
    if (!hashes.ok) return hashes;
    const faultOf = ({ index, record }: SearchedRow): FindingCode | undefined => {
      if (hashes.value(index)?.equals(leafHash(record)) !== true) return 'record-changed';
      if (recordFault(record, 0, record.length) === undefined) return undefined;
      return isBeyondThisVersion(record, 0, record.length) ? 'record-unknown' : 'record-changed';
    };
    const homes = homesOf(days, from, to);
    const own = new Map(
      rows.filter(({ index, day }) => homes.get(index) === day).map((row) => [row.index, row]),
    );
    const lost = [...homes.keys()].filter((index) => !own.has(index));
    const strays = lost.length === 0 ? ok([]) : await this.#options.store.mender.elsewhere(lost);
    if (!strays.ok) return strays;
    const mends: MendedRow[] = [];
    let compared = 0;
    for (const [index, home] of homes) {
      const row =
        own.get(index) ??
        strays.value.find((one) => one.index === index && faultOf(one) === undefined);
      if (row === undefined) {
        findings.add('row-missing', { index });
        continue;
      }
      const fault = faultOf(row);
      if (fault !== undefined) findings.add(fault, { index });
      else {
        compared++;
        const mended = mendedRow(row, home);
        if (mended !== undefined) mends.push(mended);
      }
    }
    return ok({ mends, compared });
  }

  async #leafHashes(
    from: number,
    to: number,
  ): Promise<Result<(index: number) => Buffer | undefined, LedgerFailure>> {
    const tiles = new Map<number, Buffer>();
    for (let tile = Math.floor(from / TILE_WIDTH); tile * TILE_WIDTH < to; tile++) {
      const read = await this.#options.store.tile(0, tile);
      if (!read.ok) return read;
      if (read.value !== undefined) tiles.set(tile, read.value);
    }
    return ok((index) => {
      const at = (index % TILE_WIDTH) * HASH_BYTES;
      const hash = tiles.get(Math.floor(index / TILE_WIDTH))?.subarray(at, at + HASH_BYTES);
      return hash?.length === HASH_BYTES ? hash : undefined;
    });
  }

  /** Of each day that ends here; the newest one is left until it is over. */
  async #recount(
    days: readonly LedgerDay[],
    { from, to }: IndexRange,
    findings: FindingList,
  ): Promise<
    Result<{ readonly changed: readonly string[]; readonly isLeft: boolean }, LedgerFailure>
  > {
    const changed: string[] = [];
    for (const { day, endIndex, droppedAtMs } of days) {
      if (endIndex <= from || endIndex > to || droppedAtMs !== undefined) continue;
      const done = await this.#options.store.mender.recount(day);
      if (!done.ok) return done;
      if (done.value === 'counting') return ok({ changed, isLeft: true });
      if (done.value === 'changed') changed.push(day);
      if (done.value === 'not-whole') {
        findings.add('counts-changed', { detail: `${day}, of which records are missing` });
      }
    }
    return ok({ changed, isLeft: false });
  }
}

/** The day that each place belongs to, where its records were not dropped. */
function homesOf(
  days: readonly LedgerDay[],
  from: number,
  to: number,
): ReadonlyMap<number, string> {
  const homes = new Map<number, string>();
  for (const { day, firstIndex, endIndex, droppedAtMs } of days) {
    if (droppedAtMs !== undefined) continue;
    const end = Math.min(to, endIndex);
    for (let index = Math.max(from, firstIndex); index < end; index++) homes.set(index, day);
  }
  return homes;
}

/** Undefined: it is as its record says, and in its day. */
function mendedRow(row: SearchedRow, home: string): MendedRow | undefined {
  const columns = columnsOf(row.record);
  const seq = recordSeqAt(row.record, 0);
  if (row.day === home && changedColumns(row, columns).length === 0) return undefined;
  const { index, record, day: standsIn } = row;
  const none = {
    ...{ requestSeq: null, status: null, partner: null, callId: null },
    ...{ fromUser: null, toUser: null, address: null, verdict: null },
  };
  return { ...none, ...columns, index, record, seq, day: home, standsIn };
}

/** Two pieces as one. */
export function joinedRebuilds(earlier: RebuildPage, later: RebuildPage): RebuildPage {
  const findings = new FindingList();
  for (const { severity, text, code, ...place } of [...earlier.findings, ...later.findings]) {
    findings.add(code, place);
  }
  const { place } = later;
  return {
    compared: earlier.compared + later.compared,
    mended: earlier.mended + later.mended,
    moved: earlier.moved + later.moved,
    recounted: [...earlier.recounted, ...later.recounted],
    findings: findings.all,
    leftOut: earlier.leftOut + later.leftOut + findings.leftOut,
    ...(place !== undefined && { place }),
  };
}
