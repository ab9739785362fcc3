import { BoundedMap } from '@sallyport/shared/net/bounded-map.ts';
import type { Result } from '@sallyport/shared/result.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { LedgerFailure } from '../../ports/ledger-store.ts';
import type { MendedRow, Recounted, SearchedMender } from '../../ports/searched-mender.ts';
import type { SearchedRow } from '../../ports/searched-tables.ts';
import { arrayText } from './array-text.ts';
import { inTurns } from './days-in-turns.ts';
import { forgetDigests } from './digest-conditions.ts';
import { lockLedger, makeDay } from './ledger-append.ts';
import { attempt } from './ledger-attempt.ts';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;

/** So many places are counted by one statement. */
const PLACES_MAX = 10_000;
const ROWS_MAX = 4000;
/** Whoever gives a command is answered after a minute; a day may have more records than can be counted in that time. */
const COUNTING_MS_MAX = 5000;
/** Days whose counts wait to be gone on with; and so long, for what was counted may change meanwhile. */
const COUNTS_MAX = 8;
const COUNT_MS_MAX = 60_000;

/** Adapter. Writes anew what stands beside the records. */
export class SqlSearchedMender implements SearchedMender {
  readonly #db: Db;
  readonly #countingMsMax: number;
  /** Of days that are not counted to their ends yet. */
  readonly #counts = new BoundedMap<string, Count>(COUNTS_MAX);

  constructor(db: Db, countingMsMax = COUNTING_MS_MAX) {
    this.#db = db;
    this.#countingMsMax = countingMsMax;
  }

  elsewhere(indexes: readonly number[]): Promise<Result<readonly SearchedRow[], LedgerFailure>> {
    return attempt(async () => {
      const tables = await ownTables(this.#db);
      const rows = await inTurns(tables, { rowsMax: ROWS_MAX }, (some, limit) =>
        rowsIn(this.#db, some, indexes, limit),
      );
      return rows.map((row) => ({ ...row, record: Buffer.from(row.record) }));
    });
  }

  forgetDigests(): Promise<Result<undefined, LedgerFailure>> {
    return attempt(() =>
      this.#db.transaction().execute(async (db) => {
        await lockLedger(db);
        await sql`delete from audit_digest`.execute(db);
        return undefined;
      }),
    );
  }

  mend(rows: readonly MendedRow[]): Promise<Result<undefined, LedgerFailure>> {
    for (const { day, standsIn } of rows) {
      this.#counts.delete(day);
      this.#counts.delete(standsIn);
    }
    return attempt(() =>
      this.#db.transaction().execute(async (db) => {
        await lockLedger(db);
        const kept = await ofKeptDays(db, rows);
        const moved = kept.filter(({ day, standsIn }) => day !== standsIn);
        for (const day of new Set(moved.map((row) => row.day))) await makeDay(db, day);
        await withoutGuard(db, kept, () => writeRows(db, kept));
        await forgetDigests(db, [...new Set(kept.flatMap((row) => [row.day, row.standsIn]))]);
        return undefined;
      }),
    );
  }

  recount(day: string): Promise<Result<Recounted, LedgerFailure>> {
    return attempt(async () => {
      const bounds = await boundsOf(this.#db, day);
      const count = this.#countOf(day, bounds);
      if (bounds === undefined || count === undefined) return 'left';
      // A day that is over does not change: it is counted in pieces, and only what comes of it is one change.
      const endMs = performance.now() + this.#countingMsMax;
      while (count.at < bounds.endIndex) {
        await countOn(this.#db, day, bounds, count);
        if (count.at < bounds.endIndex && performance.now() >= endMs) {
          this.#keep(day, count);
          return 'counting';
        }
      }
      if (count.records !== bounds.endIndex - bounds.firstIndex) return 'not-whole';
      return this.#db.transaction().execute((db) => writeCounts(db, day, bounds, count));
    });
  }

  /** What was counted of it already, or nothing; whoever goes on with it has it for himself. */
  #countOf(day: string, bounds: Bounds | undefined): Count | undefined {
    const kept = this.#counts.get(day);
    this.#counts.delete(day);
    if (bounds === undefined) return undefined;
    const isFresh =
      kept !== undefined &&
      kept.firstIndex === bounds.firstIndex &&
      performance.now() - kept.keptMs < COUNT_MS_MAX;
    return isFresh ? kept : newCount(bounds);
  }

  #keep(day: string, count: Count): void {
    count.keptMs = performance.now();
    this.#counts.set(day, count);
  }
}

/** The tables of all days that are there, whatever is said of these. */
async function ownTables(db: Db): Promise<readonly RawBuilder<unknown>[]> {
  const { rows } = await sql<{ readonly name: string }>`select c.oid::regclass::text as name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'audit_entry'::regclass and c.relkind = 'r'
      and pg_has_role(c.relowner, 'usage') order by 1`.execute(db);
  return rows.map(({ name }) => sql.raw(name));
}

async function rowsIn(
  db: Db,
  tables: readonly RawBuilder<unknown>[],
  indexes: readonly number[],
  limit: number,
): Promise<readonly SearchedRow[]> {
  const found = tables.map(
    (table) => sql`select index, day::text as day, time_ms, seq, request_seq,
        type, status, partner, call_id, from_user, to_user, address, verdict, record
      from ${table} where index = any(${arrayText(indexes)}::bigint[])`,
  );
  const { rows } = await sql<SearchedRow>`${sql.join(found, sql` union all `)}
    limit ${limit}`.execute(db);
  return rows;
}

/** A day may have been dropped since its rows were read. */
async function ofKeptDays(db: Db, rows: readonly MendedRow[]): Promise<readonly MendedRow[]> {
  const found = await sql<{ readonly day: string }>`select day::text as day from audit_day
    where dropped_at_ms is null`.execute(db);
  const days = new Set(found.rows.map(({ day }) => day));
  return rows.filter(({ day }) => days.has(day));
}

/**
 * Lifts, within the transaction, the triggers of the tables in which these rows stand: they guard against mistakes, and
 * this is none.
 */
async function withoutGuard(
  db: Db,
  rows: readonly MendedRow[],
  work: () => Promise<void>,
): Promise<void> {
  const days = [...new Set(rows.map(({ standsIn }) => standsIn))];
  const found = await sql<{
    readonly name: string;
  }>`select distinct tableoid::regclass::text as name
    from audit_entry where day = any(${arrayText(days)}::date[])
      and index = any(${arrayText(rows.map(({ index }) => index))}::bigint[])`.execute(db);
  const tables = found.rows.map(({ name }) => sql.raw(name));
  for (const table of tables) await sql`alter table ${table} disable trigger user`.execute(db);
  await work();
  for (const table of tables) await sql`alter table ${table} enable trigger user`.execute(db);
}

async function writeRows(db: Db, rows: readonly MendedRow[]): Promise<void> {
  if (rows.length === 0) return;
  // Said as constants, so that the plan leaves other days out.
  const days = [...new Set(rows.map(({ standsIn }) => standsIn))].map(
    (day) => sql`${sql.lit(day)}::date`,
  );
  const of = <Key extends keyof MendedRow>(key: Key) =>
    arrayText(rows.map((row) => row[key] as string | number | null));
  await sql`update audit_entry e set day = t.day, time_ms = t.time_ms, seq = t.seq,
      request_seq = t.request_seq, type = t.type, status = t.status, partner = t.partner,
      call_id = t.call_id, from_user = t.from_user, to_user = t.to_user, address = t.address,
      verdict = t.verdict
    from unnest(
      ${of('index')}::bigint[],
      ${of('standsIn')}::date[],
      ${of('day')}::date[],
      ${of('timeMs')}::bigint[],
      ${of('seq')}::bigint[],
      ${of('requestSeq')}::bigint[],
      ${of('type')}::smallint[],
      ${of('status')}::smallint[],
      ${of('partner')}::text[],
      ${of('callId')}::text[],
      ${of('fromUser')}::text[],
      ${of('toUser')}::text[],
      ${of('address')}::text[],
      ${of('verdict')}::text[]
    ) as t (index, stands_in, day, time_ms, seq, request_seq, type, status,
      partner, call_id, from_user, to_user, address, verdict)
    where e.index = t.index and e.day = t.stands_in and e.day in (${sql.join(days)})`.execute(db);
}

interface Bounds {
  readonly firstIndex: number;
  readonly endIndex: number;
}

/** Of a day that is over and was not dropped. */
async function boundsOf(db: Db, day: string): Promise<Bounds | undefined> {
  const { rows } = await sql<Bounds>`select first_index, end_index from audit_day
    where day = ${day}::date and dropped_at_ms is null
      and day < (select day from audit_head)`.execute(db);
  return rows[0];
}

interface Counted {
  records: number;
  firstMs: number;
  lastMs: number;
  recordBytes: number;
  /** By `hour/type`. */
  readonly types: Map<string, { hour: number; type: number; records: number }>;
}

/** A day that is being counted. */
interface Count extends Counted {
  readonly firstIndex: number;
  /** Next index. */
  at: number;
  keptMs: number;
}

function newCount({ firstIndex }: Bounds): Count {
  return {
    ...{ records: 0, firstMs: Number.POSITIVE_INFINITY, lastMs: 0, recordBytes: 0 },
    ...{ types: new Map(), firstIndex, at: firstIndex, keptMs: 0 },
  };
}

/** One piece more. */
async function countOn(db: Db, day: string, { endIndex }: Bounds, count: Count): Promise<void> {
  const until = Math.min(endIndex, count.at + PLACES_MAX);
  const { rows } = await sql<Omit<Counted, 'types'> & { hour: number; type: number }>`select
      time_ms / 3600000 as hour, type, count(*) as records, min(time_ms) as first_ms,
      max(time_ms) as last_ms, sum(length(record))::bigint as record_bytes
    from audit_entry where day = ${sql.lit(day)}::date
      and index >= ${count.at} and index < ${until}
    group by 1, 2`.execute(db);
  count.at = until;
  for (const { hour, type, records, firstMs, lastMs, recordBytes } of rows) {
    count.records += records;
    count.firstMs = Math.min(count.firstMs, firstMs);
    count.lastMs = Math.max(count.lastMs, lastMs);
    count.recordBytes += recordBytes;
    const key = `${hour}/${type}`;
    const known = count.types.get(key);
    if (known === undefined) count.types.set(key, { hour, type, records });
    else known.records += records;
  }
}

async function writeCounts(
  db: Db,
  day: string,
  bounds: Bounds,
  { firstMs, lastMs, recordBytes, types }: Counted,
): Promise<Recounted> {
  await lockLedger(db);
  const still = await boundsOf(db, day);
  if (still?.firstIndex !== bounds.firstIndex || still.endIndex !== bounds.endIndex) return 'left';
  const days = await sql`update audit_day
    set first_ms = ${firstMs}, last_ms = ${lastMs}, record_bytes = ${recordBytes}
    where day = ${day}::date
      and (first_ms, last_ms, record_bytes) is distinct from (${firstMs}, ${lastMs}, ${recordBytes})
    returning day`.execute(db);
  const rows = [...types.values()];
  const hours = sql`select hour, type, ${day}::date as day, records from unnest(
      ${arrayText(rows.map(({ hour }) => hour))}::bigint[],
      ${arrayText(rows.map(({ type }) => type))}::smallint[],
      ${arrayText(rows.map(({ records }) => records))}::bigint[]
    ) as t (hour, type, records)`;
  const gone = await sql`delete from audit_type_count c where day = ${day}::date
    and not exists (select 1 from (${hours}) t
      where t.hour = c.hour and t.type = c.type and t.records = c.records)
    returning hour`.execute(db);
  const come = await sql`insert into audit_type_count (hour, type, day, records) ${hours}
    on conflict (hour, type, day) do nothing returning hour`.execute(db);
  return days.rows.length + gone.rows.length + come.rows.length > 0 ? 'changed' : 'right';
}
