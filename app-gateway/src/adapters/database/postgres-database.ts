import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { AnsweringPool } from './answering-pool.ts';
import type { DatabaseRefusal } from './database-refusal.ts';
import { columnNames } from './embedded-database.ts';
import { migrate } from './migrate.ts';
import { connectionOf, type PostgresSettings } from './postgres-connection.ts';
import { RevisionListener } from './revision-listener.ts';
import { SqlStateStore } from './sql-state-store.ts';
import { causeText } from './store-failure.ts';
import type { Tables } from './tables.ts';

const IDLE_TIMEOUT_MS = 60_000;

/** Opens the state on a PostgreSQL server (13 or later) and brings its tables up to date. `upTo`: see `migrate`. */
export async function openPostgresStore(
  settings: PostgresSettings,
  upTo?: string,
): Promise<Result<SqlStateStore, DatabaseRefusal>> {
  let connection: pg.ClientConfig;
  let pool: pg.Pool;
  try {
    connection = connectionOf(settings);
    pool = new pg.Pool({
      ...connection,
      max: settings.connectionsMax,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
    });
  } catch (cause) {
    return err(notOpened(settings, cause));
  }
  // An idle connection that breaks is replaced when the next one is asked for.
  pool.on('error', () => undefined);
  // One that breaks while it is lent out says so to its next query; unheard, the event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: new AnsweringPool(pool, isAnswer) }),
    plugins: [columnNames()],
  });
  try {
    (await pool.connect()).release();
  } catch (cause) {
    await db.destroy();
    return err(notOpened(settings, cause));
  }
  const migrated = await migrate(db, upTo);
  if (!migrated.ok) {
    await db.destroy();
    return migrated;
  }
  const listener = new RevisionListener(
    () => new pg.Client(connection),
    (revision) => store.announce(revision),
  );
  const store = new SqlStateStore(db, () => listener.stop());
  await listener.start();
  return ok(store);
}

function isAnswer(cause: unknown): boolean {
  return cause instanceof pg.DatabaseError;
}

function notOpened({ host, port, database }: PostgresSettings, cause: unknown): DatabaseRefusal {
  return {
    code: 'database-not-opened',
    message: `the database ${database} at ${host}:${port} cannot be opened: ${causeText(cause)}`,
    next: 'see that the server runs and is reached from here; then "database" in site.yaml: address, user, password file, and that the certificate stands for the server name',
  };
}
