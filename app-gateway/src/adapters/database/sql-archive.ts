import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type {
  ArchiveFailure,
  ArchiveMark,
  ArchivePage,
  ArchivePlace,
  ArchiveRows,
  StateArchive,
} from '../../ports/state-archive.ts';
import { ARCHIVE_STEPS, type ArchiveStep, headRows, streamRows, tilesAt } from './archive-steps.ts';
import { appliedMigrations } from './migrate.ts';
import { causeText } from './store-failure.ts';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;
type Page = Omit<ArchivePage, 'next'> & {
  /** Key of the last row; undefined: the step is done. */
  readonly after: readonly string[] | undefined;
};

const ROWS_MAX = 200;
const STREAMS_MAX = 500;
/** Characters of rows after which a page ends; it has one row at least. */
const PAGE_CHARS_MAX = 600_000;

/** Leaves a transaction: what the mark is of is not there any more. */
class Overtaken extends Error {}

/** Adapter. A copy of the database in SQL, the same statements for PGlite in this process and for PostgreSQL. */
export class SqlArchive implements StateArchive {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  mark(): Promise<Result<ArchiveMark, ArchiveFailure>> {
    return this.#read(async (db) => {
      const { rows } = await sql<Omit<ArchiveMark, 'migrations'>>`select revision,
          event_sequence as "eventSequence", size, encode(root, 'hex') as root, day::text as day, copied
        from site_revision, audit_head, audit_copy`.execute(db);
      const [found] = rows;
      if (found === undefined) throw new Error('the head of the ledger is missing');
      const { revision, eventSequence, size, root, day, copied } = found;
      const migrations = await appliedMigrations(db);
      return { migrations, revision, eventSequence, size, root, day, copied };
    });
  }

  page(
    mark: ArchiveMark,
    place: ArchivePlace = { step: 0, after: [] },
  ): Promise<Result<ArchivePage, ArchiveFailure>> {
    return this.#read(async (db) => {
      const step = ARCHIVE_STEPS[place.step];
      if (step === undefined) throw new Error('there is no such part of a copy');
      const { tables, after } = await pageOf(db, step, mark, place.after);
      const isLast = after === undefined && place.step === ARCHIVE_STEPS.length - 1;
      const next = after === undefined ? { step: place.step + 1, after: [] } : { ...place, after };
      return { tables, next: isLast ? undefined : next };
    });
  }

  /** All that one answer is made of is of one moment. */
  async #read<T>(work: (db: Db) => Promise<T>): Promise<Result<T, ArchiveFailure>> {
    try {
      const transaction = this.#db.transaction().setIsolationLevel('repeatable read');
      return ok(await transaction.execute(work));
    } catch (cause) {
      if (cause instanceof Overtaken) return err({ code: 'overtaken' });
      return err({ code: 'unavailable', reason: causeText(cause) });
    }
  }
}

async function pageOf(
  db: Db,
  step: ArchiveStep,
  mark: ArchiveMark,
  after: readonly string[],
): Promise<Page> {
  switch (step.kind) {
    case 'heads':
      return { tables: headRows(mark), after: undefined };
    case 'streams':
      return streamsPage(db, mark, Number(after[0] ?? 0));
    case 'records':
      return recordsPage(db, mark, Number(after[0] ?? 0));
    case 'table':
      return tablePage(db, step, mark, after);
  }
}

async function streamsPage(db: Db, mark: ArchiveMark, after: number): Promise<Page> {
  const found = await streamRows(db, mark, after, STREAMS_MAX);
  return {
    tables: [{ table: 'audit_stream', rows: found.flatMap(({ row }) => row ?? []) }],
    after: found.length < STREAMS_MAX ? undefined : [String(found.at(-1)?.id)],
  };
}

/** Tiles of hashes, each with the records below it; what a day was dropped of has no records. */
async function recordsPage(db: Db, { size }: ArchiveMark, first: number): Promise<Page> {
  const tables: ArchiveRows[] = [];
  let characters = 0;
  let tile = first;
  for (; tile * TILE_WIDTH < size && characters < PAGE_CHARS_MAX; tile++) {
    const { hashes, records } = await tileOf(db, size, tile);
    tables.push({ table: 'audit_tile', rows: hashes }, { table: 'audit_entry', rows: records });
    characters += [...hashes, ...records].reduce((sum, row) => sum + row.length, 0);
  }
  return { tables, after: tile * TILE_WIDTH < size ? [String(tile)] : undefined };
}

async function tileOf(db: Db, size: number, tile: number) {
  const first = tile * TILE_WIDTH;
  const end = Math.min(size, first + TILE_WIDTH);
  const tiles = await sql<{ readonly row: string }>`select row_to_json(t)::text as row
    from (${tilesAt(size)}) t where level = 0 and tile = ${tile}`.execute(db);
  const { rows: days } =
    await sql<DayOfTile>`select day::text as day, dropped_at_ms is null as is_kept,
      (least(end_index, ${end}) - greatest(first_index, ${first}))::integer as records
    from audit_day where first_index < ${end} and end_index > ${first}`.execute(db);
  const records = await recordsBetween(db, first, end, days);
  const dropped = days.reduce((sum, day) => sum + (day.isKept ? 0 : day.records), 0);
  if (tiles.rows.length !== 1) throw new Error(`tile ${tile} of the ledger is missing`);
  if (records.length + dropped !== end - first) {
    throw new Error(`records ${first} to ${end - 1} are not all there`);
  }
  return { hashes: rowsOf(tiles.rows), records };
}

interface DayOfTile {
  readonly day: string;
  readonly isKept: boolean;
  readonly records: number;
}

/** Of these days; a record that stands with another day than its own is copied as it stands. */
async function recordsBetween(
  db: Db,
  first: number,
  end: number,
  days: readonly DayOfTile[],
): Promise<ArchiveRows['rows']> {
  const kept = days.filter(({ isKept }) => isKept);
  const expected = kept.reduce((sum, { records }) => sum + records, 0);
  const found = await recordsWhere(db, first, end, isOneOf(kept));
  if (found.length === expected) return found;
  return recordsWhere(db, first, end, sql`true`);
}

async function recordsWhere(
  db: Db,
  first: number,
  end: number,
  condition: RawBuilder<unknown>,
): Promise<ArchiveRows['rows']> {
  const { rows } = await sql<{ readonly row: string }>`select row_to_json(e)::text as row
    from audit_entry e where ${condition} and index >= ${first} and index < ${end}
    order by index`.execute(db);
  return rowsOf(rows);
}

/** As constants, so that the plan leaves other days out. */
function isOneOf(days: readonly DayOfTile[]): RawBuilder<unknown> {
  if (days.length === 0) return sql`false`;
  return sql`day in (${sql.join(days.map(({ day }) => sql`${sql.lit(day)}::date`))})`;
}

async function tablePage(
  db: Db,
  { table, key, rows, isState, limit = ROWS_MAX }: Extract<ArchiveStep, { kind: 'table' }>,
  mark: ArchiveMark,
  after: readonly string[],
): Promise<Page> {
  if (isState === true) await demandRevision(db, mark);
  const columns = sql.join(key.map(([column]) => sql.ref(column)));
  const last = sql.join(key.map(([, type], at) => sql`${after[at]}::${sql.raw(type)}`));
  const texts = sql.join(key.map(([column]) => sql`${sql.ref(column)}::text`));
  const found = await sql<{ readonly row: string; readonly place: readonly string[] }>`
    select row_to_json(t)::text as row, array[${texts}] as place
    from (${rows?.(mark) ?? sql`select * from ${sql.table(table)}`}) t
    ${after.length === 0 ? sql`` : sql`where (${columns}) > (${last})`}
    order by ${columns} limit ${limit}`.execute(db);
  const page = withinPage(found.rows);
  const isDone = page.length === found.rows.length && found.rows.length < limit;
  return {
    tables: [{ table, rows: rowsOf(page) }],
    after: isDone ? undefined : page.at(-1)?.place,
  };
}

async function demandRevision(db: Db, { revision }: ArchiveMark): Promise<void> {
  const { rows } = await sql<{ readonly revision: number }>`
    select revision from site_revision`.execute(db);
  if (rows[0]?.revision !== revision) throw new Overtaken();
}

function withinPage<T extends { readonly row: string }>(rows: readonly T[]): readonly T[] {
  let characters = 0;
  const end = rows.findIndex(({ row }) => {
    characters += row.length;
    return characters > PAGE_CHARS_MAX;
  });
  return end < 0 ? rows : rows.slice(0, Math.max(1, end));
}

function rowsOf(rows: readonly { readonly row: string }[]): ArchiveRows['rows'] {
  return rows.map(({ row }) => row);
}
