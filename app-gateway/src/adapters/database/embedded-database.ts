import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { CamelCasePlugin, Kysely, PGliteDialect } from 'kysely';
import { lockFolder } from '../files/folder-lock.ts';
import type { DatabaseRefusal } from './database-refusal.ts';
import { migrate } from './migrate.ts';
import { SqlStateStore } from './sql-state-store.ts';
import { causeText, isFull } from './store-failure.ts';
import type { Tables } from './tables.ts';

/** PostgreSQL's number for `bigint`; all of ours are milliseconds or counts, far below 2^53. */
export const BIGINT = 20;

/** Object keys inside documents are the records' own and stay as they are. */
export function columnNames(): CamelCasePlugin {
  return new CamelCasePlugin({ maintainNestedObjectKeys: true });
}

/**
 * Opens the state in a folder of this host, with PostgreSQL inside this process (PGlite).
 *
 * One process at a time: a lock file with its process id stands beside the data. What was committed outlives
 * the process, however it ends; it is not forced to the disk, so that a host that loses power can lose the
 * last changes. Who cannot bear that uses a server. `upTo`: see `migrate`.
 */
export async function openEmbeddedStore(
  folder: string,
  upTo?: string,
): Promise<Result<SqlStateStore, DatabaseRefusal>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = await lockFolder(folder);
    if (!lock.ok) return err(inUse(folder, lock.error));
    const store = await openIn(join(folder, 'data'), lock.value, upTo);
    if (!store.ok) await lock.value();
    return store;
  } catch (cause) {
    return err(notOpened(folder, cause));
  }
}

async function openIn(
  folder: string,
  release: () => Promise<void>,
  upTo: string | undefined,
): Promise<Result<SqlStateStore, DatabaseRefusal>> {
  let pglite: PGlite;
  try {
    pglite = await PGlite.create({ dataDir: folder, parsers: { [BIGINT]: Number } });
  } catch (cause) {
    return err(notOpened(folder, cause));
  }
  const db = new Kysely<Tables>({
    dialect: new PGliteDialect({ pglite }),
    plugins: [columnNames()],
  });
  const migrated = await migrate(db, upTo);
  if (migrated.ok) return ok(new SqlStateStore(db, release));
  await db.destroy();
  return migrated;
}

function inUse(folder: string, holder: string): DatabaseRefusal {
  return {
    code: 'database-in-use',
    message: `the database in ${folder} is in use by ${holder}`,
    next: 'stop that process, or give this gateway a folder of its own; several gateways need "kind: postgresql"',
  };
}

function notOpened(folder: string, cause: unknown): DatabaseRefusal {
  return {
    code: 'database-not-opened',
    message: `the database in ${folder} cannot be opened: ${causeText(cause)}`,
    next: isFull(cause)
      ? 'make room there, and try again'
      : 'check the folder and its owner; if its files are damaged, put it aside and import an export',
  };
}
