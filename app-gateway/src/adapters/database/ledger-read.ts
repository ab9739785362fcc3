import type { AuditSource } from '@sallyport/shared/audit/source.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { callText, requestText, userText } from '../../ledger/day-digest.ts';
import { columnText, columnUser } from '../../ledger/record-columns.ts';
import type {
  LedgerDay,
  LedgerEntry,
  LedgerQuery,
  LedgerStream,
  LegalHold,
  StoredCheckpoint,
  TimeSpan,
  TypeCount,
} from '../../ports/ledger-store.ts';
import { arrayText } from './array-text.ts';
import { inTurns } from './days-in-turns.ts';
import { mayHave } from './digest-conditions.ts';
import { present } from './present.ts';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;

const ENTRIES_MAX = 10_000;
const HOUR_MS = 3_600_000;
/** Where a record has its type (`shared/audit/record-layout.ts`); SQL counts from 1. */
const TYPE_AT = 4;

interface EntryRow {
  readonly index: number;
  readonly day: string;
  readonly node: string;
  readonly worker: number;
  readonly epoch: string;
  readonly seq: number;
  readonly record: Uint8Array;
}

const ENTRY = sql`e.index, e.day::text as day, s.node, s.worker, s.epoch::text as epoch, e.seq, e.record`;

/** Those in places [from, to) that fit a condition. */
export async function readEntries(
  db: Db,
  from: number,
  to: number,
  condition: RawBuilder<unknown> = sql`true`,
): Promise<readonly LedgerEntry[]> {
  const until = Math.min(to, from + ENTRIES_MAX);
  const days = await daysOf(db, sql`end_index > ${from} and first_index < ${until}`);
  return await inTurns(days, { rowsMax: ENTRIES_MAX }, async (some) => {
    const { rows } = await sql<EntryRow>`select ${ENTRY}
      from audit_entry e join audit_stream s on s.id = e.stream
      where ${isOf(some)} and e.index >= ${from} and e.index < ${until} and ${condition}
      order by e.index`.execute(db);
    return rows.map(entryOf);
  });
}

/** Entries in places [from, to) of these types, by the records alone: who owned the database may have changed every column. */
export function readTold(
  db: Db,
  types: readonly number[],
  from: number,
  to: number,
): Promise<readonly LedgerEntry[]> {
  const octets = types.map((type) => sql`${Buffer.from([type])}::bytea`);
  const isOfTypes = sql`substring(e.record from ${sql.lit(TYPE_AT)} for 1) in (${sql.join(octets)})`;
  return readEntries(db, from, to, isOfTypes);
}

/** Entries that fit a query. */
export async function searchEntries(db: Db, query: LedgerQuery): Promise<readonly LedgerEntry[]> {
  const rowsMax = Math.max(0, Math.min(query.limit, ENTRIES_MAX));
  if (rowsMax === 0 || query.callIds?.length === 0) return [];
  const days = await daysOf(db, andAll([...dayConditions(query), ...digestConditions(query)]));
  const inOrder = query.order === 'newest-first' ? days.toReversed() : days;
  return await inTurns(inOrder, { rowsMax }, (some, limit) => searchDays(db, query, some, limit));
}

async function searchDays(
  db: Db,
  query: LedgerQuery,
  days: readonly RawBuilder<unknown>[],
  limit: number,
): Promise<readonly LedgerEntry[]> {
  const conditions = andAll([isOf(days), ...entryConditions(query)]);
  const direction = query.order === 'newest-first' ? sql`desc` : sql`asc`;
  // Where few records are expected they are found first and ordered then. A database that thinks of the order
  // first walks through whole days to find two records.
  const isRare = query.callIds !== undefined || query.user !== undefined;
  const hit = sql`select e.index, e.day from audit_entry e where ${conditions}`;
  const found = isRare ? sql`with e as materialized (${hit}) select * from e` : hit;
  const page = await sql<Place>`select index, day::text as day from (${found}) e
    order by e.index ${direction} limit ${limit}`.execute(db);
  return await entriesAt(db, page.rows, direction);
}

interface Place {
  readonly index: number;
  readonly day: string;
}

/** Apart from finding them: to plan for a day costs more than to look into it, and most days have none. */
async function entriesAt(
  db: Db,
  places: readonly Place[],
  direction: RawBuilder<unknown>,
): Promise<readonly LedgerEntry[]> {
  if (places.length === 0) return [];
  const days = [...new Set(places.map(({ day }) => day))];
  const { rows } = await sql<EntryRow>`select ${ENTRY}
    from unnest(
      ${arrayText(places.map(({ index }) => index))}::bigint[],
      ${arrayText(places.map(({ day }) => day))}::date[]
    ) as p (index, day)
    join audit_entry e on e.index = p.index and e.day = p.day
    join audit_stream s on s.id = e.stream
    where ${isOf(days.map(dayLiteral))}
    order by e.index ${direction}`.execute(db);
  return rows.map(entryOf);
}

/** What refers to requests by their numbers, on whatever day it came. */
export async function readReferring(
  db: Db,
  requests: readonly Pick<LedgerEntry, 'source' | 'seq'>[],
): Promise<readonly LedgerEntry[]> {
  const numbers = await requestsOfStreams(db, requests);
  if (numbers.length === 0) return [];
  const days = await daysOf(
    db,
    mayHave(numbers.map(({ stream, seq }) => requestText(stream, seq))),
  );
  return await inTurns(days, { rowsMax: ENTRIES_MAX }, (some, limit) =>
    referringOn(db, numbers, some, limit),
  );
}

interface RequestOfStream {
  readonly stream: number;
  readonly seq: number;
}

async function requestsOfStreams(
  db: Db,
  requests: readonly Pick<LedgerEntry, 'source' | 'seq'>[],
): Promise<readonly RequestOfStream[]> {
  const { rows } = await sql<RequestOfStream>`select s.id as stream, t.seq from unnest(
      ${arrayText(requests.map(({ source }) => source.node))}::text[],
      ${arrayText(requests.map(({ source }) => source.worker))}::smallint[],
      ${arrayText(requests.map(({ source }) => epochColumn(source.epoch)))}::bigint[],
      ${arrayText(requests.map(({ seq }) => seq))}::bigint[]
    ) as t (node, worker, epoch, seq)
    join audit_stream s on s.node = t.node and s.worker = t.worker and s.epoch = t.epoch`.execute(
    db,
  );
  return rows;
}

async function referringOn(
  db: Db,
  requests: readonly RequestOfStream[],
  days: readonly RawBuilder<unknown>[],
  limit: number,
): Promise<readonly LedgerEntry[]> {
  // Streams are joined to what is asked alone: joined to records as well, a database without statistics goes by the
  // stream and reads all of it for each request.
  const { rows } = await sql<EntryRow>`with asked as materialized (
      select s.id, s.node, s.worker, s.epoch, t.seq from unnest(
        ${arrayText(requests.map(({ stream }) => stream))}::integer[],
        ${arrayText(requests.map(({ seq }) => seq))}::bigint[]
      ) as t (stream, seq)
      join audit_stream s on s.id = t.stream)
    select ${ENTRY} from asked s
    join audit_entry e on e.stream = s.id and e.request_seq = s.seq
    where ${isOf(days)}
    order by e.index limit ${limit}`.execute(db);
  return rows.map(entryOf);
}

export async function readStreams(db: Db): Promise<readonly LedgerStream[]> {
  const { rows } = await sql<{
    readonly node: string;
    readonly worker: number;
    readonly epoch: string;
    readonly ranges: LedgerStream['ranges'];
  }>`select node, worker, epoch::text as epoch, ranges from audit_stream order by id`.execute(db);
  return rows.map((row) => ({ source: sourceOf(row), ranges: row.ranges }));
}

export async function readTile(db: Db, level: number, tile: number): Promise<Buffer | undefined> {
  const { rows } = await sql<{ readonly hashes: Uint8Array }>`
    select hashes from audit_tile where level = ${level} and tile = ${tile}`.execute(db);
  return rows[0] && Buffer.from(rows[0].hashes);
}

/** Those of these tiles that are there, by `level/tile`, in one question. */
export async function readTiles(
  db: Db,
  places: readonly { readonly level: number; readonly tile: number }[],
): Promise<ReadonlyMap<string, Buffer>> {
  const levels = arrayText(places.map(({ level }) => level));
  const tiles = arrayText(places.map(({ tile }) => tile));
  const { rows } = await sql<{ level: number; tile: number; hashes: Uint8Array }>`
    select level, tile, hashes from audit_tile
    where (level, tile) in (select * from unnest(${levels}::smallint[], ${tiles}::bigint[]))`.execute(
    db,
  );
  return new Map(
    rows.map(({ level, tile, hashes }) => [`${level}/${tile}`, Buffer.from(hashes)] as const),
  );
}

export async function readCheckpoints(
  db: Db,
  { belowSize, limit }: { readonly belowSize?: number; readonly limit: number },
): Promise<readonly StoredCheckpoint[]> {
  const below = belowSize === undefined ? sql`true` : sql`c.size < ${belowSize}`;
  const { rows } = await sql<StoredCheckpoint>`select c.size, c.at_ms, c.note,
      coalesce((select jsonb_object_agg(w.name, w.line) from audit_cosignature w where w.size = c.size),
        '{}'::jsonb) as cosignatures
    from audit_checkpoint c where ${below}
    order by c.size desc limit ${Math.max(0, Math.min(limit, ENTRIES_MAX))}`.execute(db);
  return rows;
}

/** Oldest first. */
export async function readDays(
  db: Db,
  condition: RawBuilder<unknown> = sql`true`,
): Promise<readonly LedgerDay[]> {
  const { rows } = await sql<
    Omit<LedgerDay, 'droppedAtMs'> & { readonly droppedAtMs: number | null }
  >`select day::text as day, first_index, end_index, first_ms, last_ms, record_bytes, dropped_at_ms
    from audit_day where ${condition} order by day`.execute(db);
  return rows.map(present);
}

/** Records by type, of all hours that the time touches. */
export async function readTypeCounts(
  db: Db,
  { fromMs, untilMs }: TimeSpan,
): Promise<readonly TypeCount[]> {
  const conditions = andAll([
    ...(fromMs === undefined ? [] : [sql`hour >= ${Math.floor(fromMs / HOUR_MS)}`]),
    ...(untilMs === undefined ? [] : [sql`hour < ${Math.ceil(untilMs / HOUR_MS)}`]),
  ]);
  const { rows } = await sql<TypeCount>`select type, sum(records)::bigint as records
    from audit_type_count where ${conditions} group by type order by type`.execute(db);
  return rows;
}

export async function readHolds(db: Db): Promise<readonly LegalHold[]> {
  const { rows } = await sql<
    Omit<LegalHold, 'liftedBy' | 'liftedAtMs'> & {
      readonly liftedBy: string | null;
      readonly liftedAtMs: number | null;
    }
  >`select name, first_day::text as first_day, last_day::text as last_day, reason, set_by, set_at_ms,
      lifted_by, lifted_at_ms
    from audit_hold order by set_at_ms, name`.execute(db);
  return rows.map(present);
}

/** Days that can hold something, oldest first. */
async function daysOf(db: Db, condition: RawBuilder<unknown>): Promise<RawBuilder<unknown>[]> {
  const { rows } = await sql<{ readonly day: string }>`select d.day::text as day from audit_day d
    where d.dropped_at_ms is null and ${condition} order by d.day`.execute(db);
  return rows.map(({ day }) => dayLiteral(day));
}

function dayLiteral(day: string): RawBuilder<unknown> {
  return sql`${sql.lit(day)}::date`;
}

/** Said of constants, so that the plan leaves other days out. */
function isOf(days: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`e.day in (${sql.join(days)})`;
}

function dayConditions({
  fromMs,
  untilMs,
  belowIndex,
  fromIndex,
}: LedgerQuery): RawBuilder<unknown>[] {
  return [
    ...(fromMs === undefined ? [] : [sql`last_ms >= ${fromMs}`]),
    ...(untilMs === undefined ? [] : [sql`first_ms < ${untilMs}`]),
    ...(belowIndex === undefined ? [] : [sql`first_index < ${belowIndex}`]),
    ...(fromIndex === undefined ? [] : [sql`end_index > ${fromIndex}`]),
  ];
}

/** What is rare is on few days, and all others are known not to have it. */
function digestConditions({ callIds, user }: LedgerQuery): RawBuilder<unknown>[] {
  if (callIds !== undefined) return [mayHave(callIds.map((one) => callText(columnText(one))))];
  return user === undefined ? [] : [mayHave([userText(columnUser(user))])];
}

function entryConditions(query: LedgerQuery): RawBuilder<unknown>[] {
  const { fromMs, untilMs, belowIndex, fromIndex, types, status, node, user } = query;
  const same = (column: string, value: string | undefined) =>
    value === undefined ? [] : [sql`e.${sql.ref(column)} = ${columnText(value)}`];
  return [
    ...(fromMs === undefined ? [] : [sql`e.time_ms >= ${fromMs}`]),
    ...(untilMs === undefined ? [] : [sql`e.time_ms < ${untilMs}`]),
    ...(belowIndex === undefined ? [] : [sql`e.index < ${belowIndex}`]),
    ...(fromIndex === undefined ? [] : [sql`e.index >= ${fromIndex}`]),
    ...(types === undefined ? [] : [sql`e.type = any(${arrayText(types)}::smallint[])`]),
    ...(status === undefined ? [] : [sql`e.status = ${status}`]),
    ...same('partner', query.partner),
    ...same('address', query.address),
    ...same('verdict', query.verdict),
    ...(query.callIds === undefined ? [] : [hashed('call_id', query.callIds.map(columnText))]),
    ...(user === undefined
      ? []
      : [
          sql`(${hashed('from_user', [columnUser(user)])} or ${hashed('to_user', [columnUser(user)])})`,
        ]),
    ...(node === undefined
      ? []
      : [sql`e.stream in (select id from audit_stream where node = ${node})`]),
  ];
}

/** One of these texts, as the index has it: by a hash, which is small whatever a peer has sent. */
function hashed(column: string, texts: readonly string[]): RawBuilder<unknown> {
  if (texts.length === 0) return sql`false`;
  const ref = sql.ref(`e.${column}`);
  const hashes = texts.map((text) => sql`hashtextextended(${text}::text collate "C", 0)`);
  return sql`(hashtextextended(${ref}, 0) in (${sql.join(hashes)}) and ${ref} = any(${arrayText(texts)}::text[]))`;
}

function andAll(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}

function entryOf(row: EntryRow): LedgerEntry {
  const { index, day, seq } = row;
  return { index, day, source: sourceOf(row), seq, record: Buffer.from(row.record) };
}

function sourceOf({
  node,
  worker,
  epoch,
}: {
  readonly node: string;
  readonly worker: number;
  readonly epoch: string;
}): AuditSource {
  return { node, worker, epoch: BigInt.asUintN(64, BigInt(epoch)) };
}

/** SQL has no unsigned numbers: the same 64 bits, read with a sign. */
export function epochColumn(epoch: bigint): string {
  return BigInt.asIntN(64, epoch).toString();
}
