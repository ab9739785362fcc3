import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { DatabaseRefusal } from './database-refusal.ts';
import { exchange } from './migrations/0001-exchange.ts';
import { ledger } from './migrations/0002-ledger.ts';
import { feeds } from './migrations/0003-feeds.ts';
import { bodies } from './migrations/0004-bodies.ts';
import { typeCounts } from './migrations/0005-type-counts.ts';
import { dayDigests } from './migrations/0006-day-digests.ts';
import { causeText, isFull } from './store-failure.ts';

/** Every step from an empty database to this program's tables; a step that was released never changes. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-exchange': exchange,
  '0002-ledger': ledger,
  '0003-feeds': feeds,
  '0004-bodies': bodies,
  '0005-type-counts': typeCounts,
  '0006-day-digests': dayDigests,
};

const MIGRATION_TABLE = 'sallyport_migration';
const MIGRATION_LOCK_TABLE = 'sallyport_migration_lock';

/**
 * Brings a database to this program's tables, each step once.
 *
 * Two gateways that start at the same time wait for each other (advisory lock). A database with a step that
 * this program does not know was written by a newer one and is left alone: old code would write rows that the
 * new one does not understand. With `upTo` it is brought to the tables of an earlier program, such as one whose
 * rows are put back.
 */
export async function migrate<Schema>(
  database: Kysely<Schema>,
  upTo?: string,
  migrations: Readonly<Record<string, Migration>> = MIGRATIONS,
): Promise<Result<undefined, DatabaseRefusal>> {
  const db = database.withoutPlugins();
  try {
    const unknown = await unknownSteps(db, migrations);
    if (unknown.length > 0) return err(newer(unknown));
    if (upTo !== undefined) {
      const beyond = (await appliedMigrations(db)).filter((name) => name > upTo);
      if (beyond.length > 0) return err(later(beyond));
    }
    const migrator = new Migrator({
      db,
      provider: { getMigrations: async () => ({ ...migrations }) },
      migrationTableName: MIGRATION_TABLE,
      migrationLockTableName: MIGRATION_LOCK_TABLE,
    });
    const { error } = await (upTo === undefined
      ? migrator.migrateToLatest()
      : migrator.migrateTo(upTo));
    if (error === undefined) return ok(undefined);
    // Another gateway, newer than this one, may have migrated while we waited for the lock.
    const since = await unknownSteps(db, migrations);
    return err(since.length > 0 ? newer(since) : broken(error));
  } catch (cause) {
    return err(broken(cause));
  }
}

/** Steps that a database has been through, in order. */
export async function appliedMigrations<Schema>(
  database: Kysely<Schema>,
): Promise<readonly string[]> {
  const db = database.withoutPlugins();
  const exists = await sql<{ readonly found: string | null }>`
    select to_regclass(${MIGRATION_TABLE})::text as found`.execute(db);
  if (exists.rows[0]?.found == null) return [];
  const applied = await sql<{ readonly name: string }>`
    select name from ${sql.table(MIGRATION_TABLE)} order by name`.execute(db);
  return applied.rows.map(({ name }) => name);
}

async function unknownSteps<Schema>(
  db: Kysely<Schema>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<readonly string[]> {
  const applied = await appliedMigrations(db);
  return applied.filter((name) => !Object.hasOwn(migrations, name));
}

function newer(steps: readonly string[]): DatabaseRefusal {
  return {
    code: 'database-newer',
    message: `the database is newer than this program: it has ${steps.join(', ')}`,
    next: 'start the version of Sallyport that wrote it, or a later one; or restore a copy from before the update',
  };
}

function later(steps: readonly string[]): DatabaseRefusal {
  return {
    code: 'database-newer',
    message: `its tables are later than those of the copy: it has ${steps.join(', ')}`,
    next: 'drop the database, make an empty one of that name, and try again',
  };
}

function broken(cause: unknown): DatabaseRefusal {
  return {
    code: 'database-not-migrated',
    message: `the tables could not be brought up to date: ${causeText(cause)}`,
    next: isFull(cause)
      ? 'make room on its disk, and try again; nothing was changed by halves'
      : 'check that the database answers and that its user may create tables; nothing was changed by halves',
  };
}
