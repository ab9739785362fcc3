import { leafHash } from '@sallyport/shared/audit/merkle.ts';
import {
  recordLengthAt,
  recordSeqAt,
  recordTimeAt,
} from '@sallyport/shared/audit/record-layout.ts';
import { type AuditSource, formatSource } from '@sallyport/shared/audit/source.ts';
import type { Tile } from '@sallyport/shared/audit/tile-builder.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Kysely, sql } from 'kysely';
import { columnsOf } from '../../ledger/record-columns.ts';
import {
  missingIn,
  presentIn,
  type SequenceRanges,
  withRange,
} from '../../ledger/sequence-ranges.ts';
import type { Appended, LedgerFailure, LedgerHead, RecordSpan } from '../../ports/ledger-store.ts';
import { arrayText } from './array-text.ts';
import { type KnownStream, type LedgerMemory, recall } from './ledger-memory.ts';
import { epochColumn } from './ledger-read.ts';
import type { Tables } from './tables.ts';
import { absentOf, type ToldAgain } from './told-again.ts';

/** Whoever writes to the ledger of a database holds this lock: any number that nothing else uses. */
const LEDGER_LOCK = 0x5a_11_1e_d6;

const STREAMS_REMEMBERED_MAX = 1000;

/**
 * One batch, in a transaction of the caller's: decides under the lock what is new, gives it its places, and
 * makes the tree grow. Returns what to remember once the transaction is committed. `last` is the head that this
 * process was told to be committed, whatever became of its memory since.
 */
export async function appendSpans(
  db: Kysely<Tables>,
  spans: readonly RecordSpan[],
  nowMs: number,
  remembered: LedgerMemory | undefined,
  last: LedgerHead | undefined,
): Promise<Result<{ readonly appended: Appended; readonly memory: LedgerMemory }, LedgerFailure>> {
  await lockLedger(db);
  const found = await sql<{
    readonly size: number;
    readonly root: Buffer;
    readonly day: string | null;
  }>`select size, root, day::text as day from audit_head`.execute(db);
  const head = found.rows[0];
  if (head === undefined) return err({ code: 'damaged', reason: 'the head is missing' });
  const root = Buffer.from(head.root);
  const recalled =
    remembered?.tree.size === head.size && remembered.root.equals(root)
      ? { memory: remembered, isContinued: true }
      : await recall(db, { size: head.size, root }, last);
  if (recalled === undefined) {
    const reason = `the tiles are not those of the head of ${head.size} records`;
    return err({ code: 'damaged', reason });
  }
  const { memory, isContinued } = recalled;
  const { tree } = memory;
  const setBack = !isContinued && { setBack: { from: last?.size ?? 0, to: head.size } };
  const batch = new Batch();
  await knowStreams(db, spans, memory);
  for (const span of spans) take(span, memory, batch);
  const absent = await absentOf(db, batch.toldAgain);
  batch.addOnce([...absent, ...batch.repeated.flat()]);
  if (batch.leaves.length === 0) {
    return ok({ appended: { head: { size: head.size, root }, added: 0, ...setBack }, memory });
  }
  const today = dayText(nowMs);
  const day = head.day !== null && head.day > today ? head.day : today;
  if (!memory.days.has(day)) await makeDay(db, day);
  await insertEntries(db, batch, head.size, day);
  await countDay(db, batch, head.size, day);
  await countTypes(db, batch, day);
  for (const leaf of batch.leaves) tree.append(leaf);
  await writeTiles(db, [...tree.takeFull(), ...tree.partialTiles()]);
  const newRoot = tree.root();
  await sql`update audit_head set size = ${tree.size}, root = ${newRoot}, day = ${day}::date`.execute(
    db,
  );
  for (const key of batch.touched) {
    const stream = memory.streams.get(key);
    if (stream !== undefined) {
      await sql`update audit_stream set ranges = ${JSON.stringify(stream.ranges)}::jsonb
        where id = ${stream.id}`.execute(db);
    }
  }
  memory.days.add(day);
  return ok({
    appended: {
      head: { size: tree.size, root: newRoot },
      added: batch.leaves.length,
      ...setBack,
      ...(day !== head.day && {
        begun: { day, firstIndex: head.size, ...(head.day !== null && { previousDay: head.day }) },
      }),
    },
    memory: { ...memory, root: newRoot },
  });
}

/** Until the end of the transaction nobody else writes to the ledger. */
export async function lockLedger(db: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LEDGER_LOCK})`.execute(db);
}

/** What goes into one insert: columns, one array each, and the records in one piece. */
class Batch {
  readonly leaves: Buffer[] = [];
  readonly pieces: Buffer[] = [];
  readonly touched = new Set<string>();
  /** Numbers of a run that the database says it had before this batch. */
  readonly had = new Map<string, SequenceRanges>();
  readonly toldAgain: (readonly ToldAgain[])[] = [];
  /** What has a number that came in this batch before. */
  readonly repeated: (readonly ToldAgain[])[] = [];
  readonly at: number[] = [];
  readonly bytes: number[] = [];
  readonly stream: number[] = [];
  readonly type: number[] = [];
  readonly timeMs: number[] = [];
  readonly seq: number[] = [];
  readonly requestSeq: (number | null)[] = [];
  readonly status: (number | null)[] = [];
  readonly partner: (string | null)[] = [];
  readonly callId: (string | null)[] = [];
  readonly fromUser: (string | null)[] = [];
  readonly toUser: (string | null)[] = [];
  readonly address: (string | null)[] = [];
  readonly verdict: (string | null)[] = [];
  recordBytes = 0;
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = 0;

  add(stream: number, seq: number, record: Buffer): void {
    const columns = columnsOf(record);
    this.leaves.push(leafHash(record));
    this.pieces.push(record);
    // SQL counts from 1.
    this.at.push(this.recordBytes + 1);
    this.bytes.push(record.length);
    this.recordBytes += record.length;
    this.stream.push(stream);
    this.seq.push(seq);
    this.type.push(columns.type);
    this.timeMs.push(columns.timeMs);
    this.requestSeq.push(columns.requestSeq ?? null);
    this.status.push(columns.status ?? null);
    this.partner.push(columns.partner ?? null);
    this.callId.push(columns.callId ?? null);
    this.fromUser.push(columns.fromUser ?? null);
    this.toUser.push(columns.toUser ?? null);
    this.address.push(columns.address ?? null);
    this.verdict.push(columns.verdict ?? null);
    this.firstMs = Math.min(this.firstMs, columns.timeMs);
    this.lastMs = Math.max(this.lastMs, columns.timeMs);
  }

  /** Those that are not in it, each once: another record under a number that is known is evidence. */
  addOnce(records: readonly ToldAgain[]): void {
    if (records.length === 0) return;
    const known = new Set(
      this.stream.map((stream, at) => `${stream}/${this.seq[at]}/${this.timeMs[at]}`),
    );
    for (const { stream, seq, timeMs, record } of records) {
      const name = `${stream}/${seq}/${timeMs}`;
      if (known.has(name)) continue;
      known.add(name);
      this.add(stream, seq, record);
    }
  }
}

/** Puts the records of a span that are not in the ledger yet into the batch. */
function take({ source, records }: RecordSpan, memory: LedgerMemory, batch: Batch): void {
  const key = formatSource(source);
  const stream = memory.streams.get(key);
  if (stream === undefined || records.length === 0) return;
  const starts: number[] = [];
  for (let at = 0; at < records.length; at += recordLengthAt(records, at)) starts.push(at);
  const first = recordSeqAt(records, 0);
  const end = first + starts.length;
  const recordOf = (seq: number) =>
    records.subarray(starts[seq - first], starts[seq - first + 1] ?? records.length);
  const had = batch.had.get(key) ?? stream.ranges;
  batch.had.set(key, had);
  const recordsOf = ([from, to]: SequenceRanges[number]): ToldAgain[] =>
    Array.from({ length: to - from }, (_, at) => {
      const record = recordOf(from + at);
      return { stream: stream.id, seq: from + at, timeMs: recordTimeAt(record, 0), record };
    });
  for (const piece of presentIn(had, first, end)) batch.toldAgain.push(recordsOf(piece));
  for (const [from, to] of missingIn(had, first, end)) {
    batch.repeated.push(...presentIn(stream.ranges, from, to).map(recordsOf));
  }
  const missing = missingIn(stream.ranges, first, end);
  if (missing.length === 0) return;
  for (const [from, to] of missing) {
    for (let seq = from; seq < to; seq++) batch.add(stream.id, seq, recordOf(seq));
  }
  batch.touched.add(key);
  memory.streams.set(key, { id: stream.id, ranges: withRange(stream.ranges, first, end) });
}

async function knowStreams(
  db: Kysely<Tables>,
  spans: readonly RecordSpan[],
  { streams }: LedgerMemory,
): Promise<void> {
  if (streams.size > STREAMS_REMEMBERED_MAX) streams.clear();
  for (const { source } of spans) {
    const key = formatSource(source);
    if (!streams.has(key)) streams.set(key, await streamOf(db, source));
  }
}

async function streamOf(db: Kysely<Tables>, source: AuditSource): Promise<KnownStream> {
  const { node, worker } = source;
  const epoch = epochColumn(source.epoch);
  const found = await sql<KnownStream>`select id, ranges from audit_stream
    where node = ${node} and worker = ${worker} and epoch = ${epoch}::bigint`.execute(db);
  if (found.rows[0] !== undefined) return found.rows[0];
  const made = await sql<{ readonly id: number }>`
    insert into audit_stream (id, node, worker, epoch, ranges)
    select coalesce(max(id), 0) + 1, ${node}, ${worker}, ${epoch}::bigint, '[]'::jsonb from audit_stream
    returning id`.execute(db);
  return { id: made.rows[0]?.id ?? 0, ranges: [] };
}

/** A table of its own for each day, so that a day can be dropped as one. */
export async function makeDay(db: Kysely<Tables>, day: string): Promise<void> {
  const table = dayTable(day);
  const found = await sql<{ readonly found: string | null }>`
    select to_regclass(${table})::text as found`.execute(db);
  if (found.rows[0]?.found != null) return;
  const next = dayText(Date.parse(`${day}T00:00:00Z`) + DAY_MS);
  // Made apart and attached: whoever reads other days meanwhile is not waited for.
  await sql`create table ${sql.table(table)} (like audit_entry)`.execute(db);
  await sql`alter table audit_entry attach partition ${sql.table(table)}
    for values from (${sql.lit(day)}) to (${sql.lit(next)})`.execute(db);
  await sql`create trigger is_append_only before truncate on ${sql.table(table)}
    for each statement execute function refuse_change()`.execute(db);
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The table of a day's records. */
export function dayTable(day: string): string {
  return `audit_entry_${day.replaceAll('-', '')}`;
}

async function insertEntries(
  db: Kysely<Tables>,
  batch: Batch,
  first: number,
  day: string,
): Promise<void> {
  const records = batch.pieces.length === 1 ? batch.pieces[0] : Buffer.concat(batch.pieces);
  await sql`insert into audit_entry (index, day, time_ms, seq, request_seq, stream, type, status,
      partner, call_id, from_user, to_user, address, verdict, record)
    select ${first}::bigint + n - 1, ${day}::date, time_ms, seq, request_seq, stream, type, status,
      partner, call_id, from_user, to_user, address, verdict, substring(${records}::bytea from at for bytes)
    from unnest(
      ${arrayText(batch.timeMs)}::bigint[],
      ${arrayText(batch.seq)}::bigint[],
      ${arrayText(batch.requestSeq)}::bigint[],
      ${arrayText(batch.stream)}::integer[],
      ${arrayText(batch.type)}::smallint[],
      ${arrayText(batch.status)}::smallint[],
      ${arrayText(batch.partner)}::text[],
      ${arrayText(batch.callId)}::text[],
      ${arrayText(batch.fromUser)}::text[],
      ${arrayText(batch.toUser)}::text[],
      ${arrayText(batch.address)}::text[],
      ${arrayText(batch.verdict)}::text[],
      ${arrayText(batch.at)}::integer[],
      ${arrayText(batch.bytes)}::integer[]
    ) with ordinality as t (time_ms, seq, request_seq, stream, type, status,
      partner, call_id, from_user, to_user, address, verdict, at, bytes, n)`.execute(db);
}

async function countDay(
  db: Kysely<Tables>,
  { leaves, firstMs, lastMs, recordBytes }: Batch,
  first: number,
  day: string,
): Promise<void> {
  await sql`insert into audit_day (day, first_index, end_index, first_ms, last_ms, record_bytes)
    values (${day}::date, ${first}, ${first + leaves.length}, ${firstMs}, ${lastMs}, ${recordBytes})
    on conflict (day) do update set
      end_index = excluded.end_index,
      first_ms = least(audit_day.first_ms, excluded.first_ms),
      last_ms = greatest(audit_day.last_ms, excluded.last_ms),
      record_bytes = audit_day.record_bytes + excluded.record_bytes,
      dropped_at_ms = null`.execute(db);
}

/** By hour, so that nobody has to count the records themselves. */
async function countTypes(db: Kysely<Tables>, { type, timeMs }: Batch, day: string): Promise<void> {
  const counts = new Map<string, { hour: number; type: number; records: number }>();
  for (const [at, of] of type.entries()) {
    const hour = Math.floor((timeMs[at] as number) / HOUR_MS);
    const key = `${hour}/${of}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { hour, type: of, records: 1 });
    else known.records++;
  }
  const rows = [...counts.values()];
  await sql`insert into audit_type_count (hour, type, day, records)
    select hour, type, ${day}::date, records from unnest(
      ${arrayText(rows.map(({ hour }) => hour))}::bigint[],
      ${arrayText(rows.map((row) => row.type))}::smallint[],
      ${arrayText(rows.map(({ records }) => records))}::bigint[]
    ) as t (hour, type, records)
    on conflict (hour, type, day) do update set
      records = audit_type_count.records + excluded.records`.execute(db);
}

/** A full tile is written once more and never again; the others as they are now. */
async function writeTiles(db: Kysely<Tables>, tiles: readonly Tile[]): Promise<void> {
  const starts: number[] = [];
  let at = 1;
  for (const { bytes } of tiles) {
    starts.push(at);
    at += bytes.length;
  }
  await sql`insert into audit_tile (level, tile, hashes)
    select level, tile, substring(${Buffer.concat(tiles.map(({ bytes }) => bytes))}::bytea from at for bytes)
    from unnest(
      ${arrayText(tiles.map(({ level }) => level))}::smallint[],
      ${arrayText(tiles.map(({ index }) => index))}::bigint[],
      ${arrayText(starts)}::integer[],
      ${arrayText(tiles.map(({ bytes }) => bytes.length))}::integer[]
    ) as t (level, tile, at, bytes)
    on conflict (level, tile) do update set hashes = excluded.hashes`.execute(db);
}
