import type { Result } from '@sallyport/shared/result.ts';
import { type Kysely, sql } from 'kysely';
import { HOUR_COUNTS_MAX } from '../../ledger/day-tally.ts';
import type { LedgerDay, LedgerFailure } from '../../ports/ledger-store.ts';
import type {
  HourCount,
  NotedDay,
  SearchedRow,
  SearchedRows,
  SearchedStanding,
  SearchedTables,
} from '../../ports/searched-tables.ts';
import { attempt, NotDone } from './ledger-attempt.ts';
import { readDays } from './ledger-read.ts';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;
type Stray = Pick<SearchedRow, 'index' | 'day'>;

const PLACES_MAX = 10_000;
const STRAYS_MAX = 50;

/** Adapter. The tables that are searched, without the conditions under which a search reads them. */
export class SqlSearchedTables implements SearchedTables {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  standing(): Promise<Result<SearchedStanding, LedgerFailure>> {
    return this.#atOneMoment(async (db) => {
      const { rows } = await sql<{ readonly size: number }>`select size from audit_head`.execute(
        db,
      );
      if (rows[0] === undefined) {
        throw new NotDone({ code: 'damaged', reason: 'the head is missing' });
      }
      const days = await readDays(db);
      const last = days.at(-1);
      return {
        size: rows[0].size,
        days,
        last: last && { day: last, counts: await countsOf(db, last.day) },
        strayRows: await straysOutside(db, days, rows[0].size),
        strayCounts: await strayCounts(db),
      };
    });
  }

  rows(from: number, to: number): Promise<Result<SearchedRows, LedgerFailure>> {
    return this.#atOneMoment(async (db) => {
      const until = Math.min(to, from + PLACES_MAX);
      const most = 2 * Math.max(0, until - from);
      const { rows } =
        await sql<SearchedRow>`select index, day::text as day, time_ms, seq, request_seq,
          type, status, partner, call_id, from_user, to_user, address, verdict, record
        from audit_entry where index >= ${from} and index < ${until}
        order by index limit ${most}`.execute(db);
      return {
        rows: rows.map((row) => ({ ...row, record: Buffer.from(row.record) })),
        days: await readDays(db),
        isCut: rows.length > 0 && rows.length === most,
      };
    });
  }

  noted(name: string): Promise<Result<NotedDay | undefined, LedgerFailure>> {
    return this.#atOneMoment(async (db) => {
      const day = (await readDays(db)).find((one) => one.day === name);
      if (day === undefined || day.droppedAtMs !== undefined) return undefined;
      return { day, counts: await countsOf(db, name) };
    });
  }

  #atOneMoment<T>(work: (db: Db) => Promise<T>): Promise<Result<T, LedgerFailure>> {
    const transaction = this.#db.transaction().setIsolationLevel('repeatable read');
    return attempt(() => transaction.execute(work));
  }
}

async function countsOf(db: Db, day: string): Promise<readonly HourCount[] | undefined> {
  const { rows } = await sql<{
    readonly hour: number;
    readonly type: number;
    readonly records: number;
  }>`select hour, type, records from audit_type_count where day = ${day}::date
    limit ${HOUR_COUNTS_MAX + 1}`.execute(db);
  if (rows.length > HOUR_COUNTS_MAX) return undefined;
  return rows.map(({ hour, type, records }) => [hour, type, records] as const);
}

/** What lies left of, right of and between the days whose records are there. */
async function straysOutside(
  db: Db,
  days: readonly LedgerDay[],
  size: number,
): Promise<readonly Stray[]> {
  const strays: Stray[] = [];
  let from: number | undefined;
  const seek = async (until: number | undefined): Promise<void> => {
    const left = STRAYS_MAX - strays.length;
    if (left === 0 || (from !== undefined && until !== undefined && until <= from)) return;
    const { rows } = await sql<Stray>`select index, day::text as day from audit_entry
      where ${from === undefined ? sql`true` : sql`index >= ${from}`}
        and ${until === undefined ? sql`true` : sql`index < ${until}`}
      order by index limit ${left}`.execute(db);
    strays.push(...rows);
  };
  const byIndex = days
    .filter(({ droppedAtMs }) => droppedAtMs === undefined)
    .toSorted((a, b) => a.firstIndex - b.firstIndex);
  for (const { firstIndex, endIndex } of byIndex) {
    await seek(Math.min(firstIndex, size));
    from = Math.max(from ?? 0, Math.min(endIndex, size));
  }
  await seek(undefined);
  return strays;
}

/** Counts go with their day. */
async function strayCounts(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly day: string }>`select distinct c.day::text as day
    from audit_type_count c
    where not exists (select 1 from audit_day d where d.day = c.day and d.dropped_at_ms is null)
    order by 1 limit ${STRAYS_MAX}`.execute(db);
  return rows.map(({ day }) => day);
}
