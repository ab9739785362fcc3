import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { SequenceRanges } from '../../ledger/sequence-ranges.ts';
import type { ArchiveMark, ArchiveRows } from '../../ports/state-archive.ts';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;

/** Rows of one table, in the order of a key that is unique. */
interface TableStep {
  readonly table: string;
  /** Columns with their types; the order of the rows. */
  readonly key: readonly (readonly [column: string, type: string])[];
  /** The rows as they were at the mark; without it all of the table. */
  readonly rows?: (mark: ArchiveMark) => RawBuilder<unknown>;
  /** Whether they are of the state, which must be the one of the mark. */
  readonly isState?: true;
  readonly limit?: number;
}

/** Part of a copy: a table, or what is made otherwise. */
export type ArchiveStep =
  | ({ readonly kind: 'table' } & TableStep)
  | { readonly kind: 'heads' | 'streams' | 'records' };

const TEXT = 'text collate "C"';

function state(table: string, ...columns: readonly string[]): ArchiveStep {
  return { kind: 'table', table, key: columns.map((name) => [name, TEXT]), isState: true };
}

/**
 * All of a database, in an order in which rows stand behind those that they refer to. What moves on with the ledger
 * comes first, soon after the mark; what only grows can wait.
 */
export const ARCHIVE_STEPS: readonly ArchiveStep[] = [
  { kind: 'heads' },
  { kind: 'streams' },
  {
    kind: 'table',
    table: 'audit_day',
    key: [['day', 'date']],
    rows: ({ size, day }) => sql`select d.day, first_index, least(end_index, ${size}) as end_index,
        coalesce(cut.first_ms, d.first_ms) as first_ms, coalesce(cut.last_ms, d.last_ms) as last_ms,
        coalesce(cut.record_bytes, d.record_bytes) as record_bytes, dropped_at_ms
      from audit_day d left join lateral (
        select min(time_ms) as first_ms, max(time_ms) as last_ms, sum(length(record)) as record_bytes
        from audit_entry e where e.day = d.day and ${isSince(day)}
          and e.index < ${size} and d.end_index > ${size}
      ) cut on true where first_index < ${size}`,
  },
  {
    kind: 'table',
    table: 'audit_type_count',
    key: [
      ['hour', 'bigint'],
      ['type', 'smallint'],
      ['day', 'date'],
    ],
    rows: ({
      size,
      day,
    }) => sql`select c.hour, c.type, c.day, c.records - coalesce(l.records, 0) as records
      from audit_type_count c left join (
        select time_ms / 3600000 as hour, type, day, count(*) as records
        from audit_entry e where ${isSince(day)} and index >= ${size} group by 1, 2, 3
      ) l on l.hour = c.hour and l.type = c.type and l.day = c.day
      where c.records > coalesce(l.records, 0)`,
  },
  state('partner', 'id'),
  state('trust_set', 'partner', 'id'),
  state('presentation', 'partner', 'identity', 'key'),
  state('identity', 'name'),
  state('identity_key', 'identity', 'id'),
  state('operator', 'name'),
  state('node', 'node'),
  state('node_certificate', 'node', 'serial'),
  {
    kind: 'table',
    table: 'approval',
    key: [
      ['operator', TEXT],
      ['payload_sha256', TEXT],
    ],
    rows: ({ eventSequence }) => sql`select a.* from approval a where exists (
      select 1 from change_event c where c.operator = a.operator
        and c.payload_sha256 = a.payload_sha256 and c.sequence <= ${eventSequence})`,
  },
  {
    kind: 'table',
    table: 'change_event',
    key: [['sequence', 'bigint']],
    rows: ({ eventSequence }) => sql`select * from change_event where sequence <= ${eventSequence}`,
  },
  {
    kind: 'table',
    table: 'sighting',
    key: [
      ['partner', TEXT],
      ['direction', 'text'],
      ['key', TEXT],
      ['spki', TEXT],
    ],
  },
  { kind: 'table', table: 'audit_hold', key: [['name', TEXT]] },
  {
    kind: 'table',
    table: 'audit_feed',
    key: [['destination', TEXT]],
    // Whoever feeds it now holds nothing in a copy.
    rows: ({ size }) => sql`select destination, least(next, ${size}) as next, node,
      '-infinity'::timestamptz as claimed_until from audit_feed`,
  },
  { kind: 'table', table: 'audit_day_key', key: [['day', 'date']] },
  {
    kind: 'table',
    table: 'audit_checkpoint',
    key: [['size', 'bigint']],
    rows: ({ size }) => sql`select * from audit_checkpoint where size <= ${size}`,
  },
  {
    kind: 'table',
    table: 'audit_cosignature',
    key: [
      ['size', 'bigint'],
      ['name', TEXT],
    ],
    rows: ({ size }) => sql`select * from audit_cosignature where size <= ${size}`,
  },
  { kind: 'records' },
  {
    kind: 'table',
    table: 'audit_tile',
    key: [
      ['level', 'smallint'],
      ['tile', 'bigint'],
    ],
    rows: ({ size }) => sql`select * from (${tilesAt(size)}) upper_tile where level > 0`,
    limit: 64,
  },
  { kind: 'table', table: 'audit_body', key: [['hash', 'bytea']], limit: 4 },
];

/** Tables that a copy has nothing of: gateways make them again from the others. */
export const REMADE_TABLES: readonly string[] = ['audit_digest'];

/** Tables that a copy has rows of. */
export const ARCHIVE_TABLES: readonly string[] = [
  ...['site_revision', 'audit_head', 'audit_copy', 'audit_stream', 'audit_entry'],
  ...ARCHIVE_STEPS.flatMap((step) => (step.kind === 'table' ? [step.table] : [])),
];

/** Tiles as they were when the ledger had this size: later ones are left out, growing ones are cut. */
export function tilesAt(size: number): RawBuilder<unknown> {
  return sql`select level, tile, substring(hashes from 1 for octets::integer) as hashes from (
      select *, 32 * least(256, div(${size}::numeric, power(256::numeric, level)) - 256 * tile) as octets
      from audit_tile) sized where octets > 0`;
}

/**
 * Of the day on which the ledger's newest record came, or later. Days are given under a lock, and none is before the one
 * of the record before it. Said as a constant, so that the plan leaves all days before out.
 */
function isSince(day: string | null): RawBuilder<unknown> {
  return day === null ? sql`true` : sql`e.day >= ${sql.lit(day)}::date`;
}

/** The three rows that say how far everything goes. */
export function headRows({
  revision,
  eventSequence,
  size,
  root,
  day,
  copied,
}: ArchiveMark): readonly ArchiveRows[] {
  const row = (table: string, values: object) => ({
    table,
    rows: [JSON.stringify({ id: 1, ...values })],
  });
  return [
    row('site_revision', { revision, event_sequence: eventSequence }),
    row('audit_head', { size, root: `\\x${root}`, day }),
    row('audit_copy', { copied, claimed: 0, claimed_by: '', claimed_at_ms: 0 }),
  ];
}

/** Streams with the numbers that were in the ledger at the mark; those that began later are left out. */
export async function streamRows(
  db: Db,
  { size, day }: ArchiveMark,
  after: number,
  limit: number,
): Promise<readonly { readonly id: number; readonly row: string | undefined }[]> {
  const streams = await sql<{
    readonly id: number;
    readonly node: string;
    readonly worker: number;
    readonly epoch: string;
    readonly ranges: SequenceRanges;
  }>`select id, node, worker, epoch::text as epoch, ranges from audit_stream
    where id > ${after} order by id limit ${limit}`.execute(db);
  const since = await sql<{ readonly stream: number; readonly seqs: readonly number[] }>`
    select stream, json_agg(seq order by seq) as seqs from audit_entry e
    where ${isSince(day)} and index >= ${size} group by stream`.execute(db);
  const later = new Map(since.rows.map(({ stream, seqs }) => [stream, seqs]));
  return streams.rows.map(({ id, ranges, ...rest }) => {
    const then = without(ranges, later.get(id) ?? []);
    return {
      id,
      row: then.length === 0 ? undefined : JSON.stringify({ id, ...rest, ranges: then }),
    };
  });
}

/** The ranges without these numbers, which are ascending. */
function without(ranges: SequenceRanges, numbers: readonly number[]): SequenceRanges {
  const left: [number, number][] = [];
  let at = 0;
  for (const [first, end] of ranges) {
    let start = first;
    for (; at < numbers.length && (numbers[at] as number) < end; at++) {
      const number = numbers[at] as number;
      if (number > start) left.push([start, number]);
      start = Math.max(start, number + 1);
    }
    if (start < end) left.push([start, end]);
  }
  return left;
}
