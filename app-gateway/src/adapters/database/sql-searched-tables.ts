import { recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import type { Result } from '@sallyport/shared/result.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { HOUR_COUNTS_MAX } from '../../ledger/day-tally.ts';
import type { LedgerDay, LedgerFailure } from '../../ports/ledger-store.ts';
import type {
  HourCount,
  NotedDay,
  SearchedRow,
  SearchedRows,
  SearchedStanding,
  SearchedTables,
  StrayRow,
} from '../../ports/searched-tables.ts';
import { passedOver } from './digest-conditions.ts';
import { attempt, NotDone } from './ledger-attempt.ts';
import { readDays } from './ledger-read.ts';
import { digestedTexts } from './sql-day-digests.ts';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;

const PLACES_MAX = 10_000;
const STRAYS_MAX = 50;
const DAY_MS = 86_400_000;

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
        last: last && (await notedOf(db, last)),
        strayRows: await rowsOfNoDay(db, days),
        strayCounts: await strayCounts(db),
      };
    });
  }

  rows(from: number, to: number): Promise<Result<SearchedRows, LedgerFailure>> {
    return this.#atOneMoment(async (db) => {
      const until = Math.min(to, from + PLACES_MAX);
      const most = 2 * Math.max(0, until - from);
      const days = await readDays(db, sql`first_index < ${until} and end_index > ${from}`);
      const here = liveOf(days);
      if (here.length === 0) return { rows: [], days, passedOver: new Set(), isCut: false };
      const { rows } = await sql<
        SearchedRow & { readonly stream: number }
      >`select index, day::text as day, time_ms, seq, request_seq,
          type, status, partner, call_id, from_user, to_user, address, verdict, record, stream
        from audit_entry
        where day in (${sql.join(here.map(dayOf))}) and index >= ${from} and index < ${until}
        order by index limit ${most}`.execute(db);
      return {
        days: rows.some(isOfBeginning) ? await readDays(db) : days,
        rows: rows.map(({ stream: _, ...row }) => ({ ...row, record: Buffer.from(row.record) })),
        passedOver: await passedOverRows(db, rows),
        isCut: rows.length === most,
      };
    });
  }

  noted(name: string): Promise<Result<NotedDay | undefined, LedgerFailure>> {
    return this.#atOneMoment(async (db) => {
      const [day] = await readDays(db, sql`day = ${name}::date`);
      if (day === undefined || day.droppedAtMs !== undefined) return undefined;
      return notedOf(db, day);
    });
  }

  #atOneMoment<T>(work: (db: Db) => Promise<T>): Promise<Result<T, LedgerFailure>> {
    const transaction = this.#db.transaction().setIsolationLevel('repeatable read');
    return attempt(() => transaction.execute(work));
  }
}

/** Such a record names days wherever they are. */
function isOfBeginning({ record }: { readonly record: Uint8Array }): boolean {
  return recordTypeAt(record, 0) === AUDIT_TYPE['day-begun'];
}

/** Indexes of rows that a search by one of their texts does not look for on their day. */
async function passedOverRows(
  db: Db,
  rows: readonly (SearchedRow & { readonly stream: number })[],
): Promise<ReadonlySet<number>> {
  const byText = new Map<
    string,
    { readonly asked: [string, string]; readonly indexes: number[] }
  >();
  for (const row of rows) {
    for (const text of digestedTexts(row)) {
      const key = `${row.day} ${text}`;
      const known = byText.get(key);
      if (known === undefined) byText.set(key, { asked: [row.day, text], indexes: [row.index] });
      else known.indexes.push(row.index);
    }
  }
  const texts = [...byText.values()];
  const passed = await passedOver(
    db,
    texts.map(({ asked }) => asked),
  );
  return new Set(texts.filter((_, at) => passed.has(at)).flatMap(({ indexes }) => indexes));
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

function liveOf(days: readonly LedgerDay[]): readonly LedgerDay[] {
  return days.filter(({ droppedAtMs }) => droppedAtMs === undefined);
}

/** As a constant, so that the plan leaves tables of other days out. */
function dayOf({ day }: Pick<LedgerDay, 'day'>): RawBuilder<unknown> {
  return sql`${sql.lit(day)}::date`;
}

async function notedOf(db: Db, day: LedgerDay): Promise<NotedDay> {
  const outside = (condition: RawBuilder<unknown>) => sql`(select index, day::text as day
    from audit_entry where day = ${dayOf(day)} and ${condition} limit ${STRAYS_MAX})`;
  const { rows } = await sql<StrayRow>`${outside(sql`index < ${day.firstIndex}`)}
    union all ${outside(sql`index >= ${day.endIndex}`)} order by index limit ${STRAYS_MAX}`.execute(
    db,
  );
  return { day, strayRows: rows, counts: await countsOf(db, day.day) };
}

/** Before, after and between the days that are there. */
async function rowsOfNoDay(db: Db, days: readonly LedgerDay[]): Promise<readonly StrayRow[]> {
  const strays: StrayRow[] = [];
  const live = liveOf(days);
  for (let at = 0; at <= live.length; at++) {
    const before = live[at - 1];
    const next = live[at];
    if (before !== undefined && next !== undefined && areNeighbours(before, next)) continue;
    const { rows } = await sql<StrayRow>`select index, day::text as day from audit_entry
      where ${before === undefined ? sql`true` : sql`day > ${dayOf(before)}`}
        and ${next === undefined ? sql`true` : sql`day < ${dayOf(next)}`}
      limit ${STRAYS_MAX - strays.length}`.execute(db);
    strays.push(...rows);
  }
  return strays;
}

function areNeighbours(before: LedgerDay, next: LedgerDay): boolean {
  return Date.parse(next.day) - Date.parse(before.day) === DAY_MS;
}

/** Counts go with their day. */
async function strayCounts(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly day: string }>`select distinct c.day::text as day
    from audit_type_count c
    where not exists (select 1 from audit_day d where d.day = c.day and d.dropped_at_ms is null)
    order by 1 limit ${STRAYS_MAX}`.execute(db);
  return rows.map(({ day }) => day);
}
