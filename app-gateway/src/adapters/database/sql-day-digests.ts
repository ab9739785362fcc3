import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import {
  BLOCK_BYTES,
  callText,
  DayDigest,
  requestText,
  userText,
} from '../../ledger/day-digest.ts';
import { arrayText } from './array-text.ts';
import { lockLedger } from './ledger-append.ts';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;

/** Rows that one piece reads: a database that is embedded lets nothing else run meanwhile. */
const ROWS_A_PIECE = 1000;
/** Of a day with more, nothing is kept: it is looked into each time. */
const RECORDS_MAX = 4_194_304;
/** One statement writes so much of a digest, and one part at least. */
const STATEMENT_CHARS = 1_000_000;
/** Shorter than a digest: who makes one has put this in its place. */
const CLAIM_BYTES = 16;

/** A day of which a digest is being made. */
interface Day {
  readonly day: string;
  /** As long as it stands in the first part's place, no row of the day was written since it was begun. */
  readonly claim: Buffer;
  readonly digest: DayDigest;
  /** Index of the last row that was read. */
  after: number;
}

/** What can be looked for in a row. */
export interface DigestedRow {
  readonly callId: string | null;
  readonly fromUser: string | null;
  readonly toUser: string | null;
  readonly stream: number;
  readonly requestSeq: number | null;
}

/** Makes digests of days that are over, a piece at a time. */
export class SqlDayDigests {
  readonly #db: Db;
  #day: Day | undefined;

  constructor(db: Db) {
    this.#db = db;
  }

  /** True: there is more to do. */
  async makeOn(): Promise<boolean> {
    const day = this.#day ?? (await claimed(this.#db));
    // What fails is begun anew.
    this.#day = undefined;
    if (day === undefined) return false;
    if (await readOn(this.#db, day)) this.#day = day;
    else await this.#db.transaction().execute((db) => keep(db, day));
    return true;
  }
}

/** Texts by which a search finds a row. */
export function digestedTexts(row: DigestedRow): readonly string[] {
  const { callId, fromUser, toUser, stream, requestSeq } = row;
  return [
    ...(callId === null ? [] : [callText(callId)]),
    ...(fromUser === null ? [] : [userText(fromUser)]),
    ...(toUser === null || toUser === fromUser ? [] : [userText(toUser)]),
    ...(requestSeq === null ? [] : [requestText(stream, requestSeq)]),
  ];
}

/** The newest day that is over and has none; one that somebody else has begun with comes last, for he may be gone. */
async function claimed(database: Db): Promise<Day | undefined> {
  const { rows } = await sql<{ readonly day: string; readonly records: number }>`
    select d.day::text as day, d.end_index - d.first_index as records
    from audit_day d left join audit_digest g on g.part = 0 and g.day = d.day
    where d.dropped_at_ms is null and d.day < (select day from audit_head)
      and d.end_index - d.first_index between 1 and ${RECORDS_MAX}
      and coalesce(octet_length(g.bits), 0) < ${BLOCK_BYTES}
    order by g.day is not null, d.day desc limit 1`.execute(database);
  const [found] = rows;
  if (found === undefined) return undefined;
  const { day, records } = found;
  const claim = randomBytes(CLAIM_BYTES);
  await database.transaction().execute(async (db) => {
    // Whoever mends rows of that day holds this too: he is through, or meets the claim.
    await lockLedger(db);
    await sql`insert into audit_digest (part, day, bits)
      select 0, day, ${claim}::bytea from audit_day where day = ${day}::date and dropped_at_ms is null
      on conflict (part, day) do update set bits = excluded.bits
      where octet_length(audit_digest.bits) < ${BLOCK_BYTES}`.execute(db);
  });
  return { day, claim, digest: new DayDigest(records), after: Number.MIN_SAFE_INTEGER };
}

/** False: that was all. Rows that do not belong there are found by a search too. */
async function readOn(db: Db, day: Day): Promise<boolean> {
  const { rows } = await sql<DigestedRow & { readonly index: number }>`
    select index, call_id, from_user, to_user, stream, request_seq
    from audit_entry where day = ${sql.lit(day.day)}::date and index > ${day.after}
    order by index limit ${ROWS_A_PIECE}`.execute(db);
  for (const row of rows) {
    for (const text of digestedTexts(row)) day.digest.add(text);
  }
  day.after = rows.at(-1)?.index ?? day.after;
  return rows.length === ROWS_A_PIECE;
}

async function keep(db: Db, { day, claim, digest }: Day): Promise<void> {
  await lockLedger(db);
  const { rows } = await sql`delete from audit_digest
    where part = 0 and day = ${day}::date and bits = ${claim} returning day`.execute(db);
  if (rows.length === 0) return;
  const parts = digest.parts.map((octets) => octets.toString('hex'));
  const atOnce = Math.max(1, Math.floor(STATEMENT_CHARS / (parts[0] as string).length));
  for (let first = 0; first < parts.length; first += atOnce) {
    await sql`insert into audit_digest (part, day, bits)
      select ${first}::integer + n - 1, ${day}::date, decode(bits, 'hex')
      from unnest(${arrayText(parts.slice(first, first + atOnce))}::text[]) with ordinality as t (bits, n)
      on conflict (part, day) do update set bits = excluded.bits`.execute(db);
  }
}
