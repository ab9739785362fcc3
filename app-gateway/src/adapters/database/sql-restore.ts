import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Kysely, sql } from 'kysely';
import type { ArchiveRows } from '../../ports/state-archive.ts';
import { ARCHIVE_TABLES } from './archive-steps.ts';
import { makeDay } from './ledger-append.ts';
import { causeText, isFull } from './store-failure.ts';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;

/** Why nothing was put back. */
export type RestoreFailure =
  | { readonly code: 'not-empty' }
  | { readonly code: 'failed'; readonly reason: string; readonly isFull: boolean };

/** Leaves the transaction: there is something already. */
class NotEmpty extends Error {}

/** Each has one row from the beginning, which the copy's takes the place of. */
const HEADS: ReadonlySet<string> = new Set(['site_revision', 'audit_head', 'audit_copy']);

/**
 * Puts the rows of a copy into a database that is new: all of them, or none. Where anything was ever written,
 * nothing is done.
 */
export async function restoreRows(
  database: Db,
  rows: AsyncIterable<ArchiveRows>,
): Promise<Result<undefined, RestoreFailure>> {
  try {
    await database.transaction().execute(async (db) => {
      await demandEmpty(db);
      const days = new Set<string>();
      for await (const part of rows) await insert(db, part, days);
    });
    return ok(undefined);
  } catch (cause) {
    if (cause instanceof NotEmpty) return err({ code: 'not-empty' });
    return err({ code: 'failed', reason: causeText(cause), isFull: isFull(cause) });
  }
}

async function demandEmpty(db: Db): Promise<void> {
  const { rows } = await sql<{ readonly isEmpty: boolean }>`select revision = 0 and size = 0
      and not exists (select 1 from partner) and not exists (select 1 from audit_stream) as "isEmpty"
    from site_revision, audit_head for update`.execute(db);
  if (rows[0]?.isEmpty !== true) throw new NotEmpty();
}

async function insert(db: Db, { table, rows }: ArchiveRows, days: Set<string>): Promise<void> {
  if (!ARCHIVE_TABLES.includes(table)) throw new Error(`there is no table ${table} here`);
  if (rows.length === 0) return;
  if (HEADS.has(table)) await sql`delete from ${sql.table(table)}`.execute(db);
  if (table === 'audit_entry') {
    for (const { day } of rows.map((row) => JSON.parse(row) as { readonly day: string })) {
      if (!days.has(day)) await makeDay(db, day);
      days.add(day);
    }
  }
  await sql`insert into ${sql.table(table)}
    select * from jsonb_populate_recordset(null::${sql.table(table)}, ${`[${rows.join(',')}]`}::jsonb)`.execute(
    db,
  );
}
