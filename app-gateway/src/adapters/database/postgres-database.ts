import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { AnsweringPool } from './answering-pool.ts';
import type { DatabaseRefusal } from './database-refusal.ts';
import { columnNames } from './embedded-database.ts';
import { migrate } from './migrate.ts';
import {
  connectionOf,
  type PostgresSettings,
  STATEMENT_TIMEOUT_MS,
} from './postgres-connection.ts';
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
  const usable = await fitForUse(db);
  const migrated = usable.ok ? await migrate(db, upTo) : usable;
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

/**
 * Whether the ledger can be kept there. What partners write is in every script: in any other encoding there are names that
 * the database does not take. A pooler that leaves out what we ask of a session lets statements wait without end.
 */
async function fitForUse(db: Kysely<Tables>): Promise<Result<undefined, DatabaseRefusal>> {
  try {
    const { rows } = await sql<{ readonly encoding: string; readonly timeout: string }>`
      select current_setting('server_encoding') as encoding,
        (extract(epoch from current_setting('statement_timeout')::interval) * 1000)::integer as timeout`.execute(
      db,
    );
    const { encoding, timeout } = rows[0] ?? {};
    if (encoding !== 'UTF8') {
      return err({
        code: 'database-not-opened',
        message: `the database is in ${encoding}, and not in UTF8`,
        next: "make another one: CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0",
      });
    }
    if (Number(timeout) === STATEMENT_TIMEOUT_MS) return ok(undefined);
    return err({
      code: 'database-not-opened',
      message: 'what was asked of the session did not come to the database',
      next: 'let the gateway speak to the server itself: a pooler between them keeps its settings back, and the news of changes',
    });
  } catch (cause) {
    return err({
      code: 'database-not-opened',
      message: `the database does not answer: ${causeText(cause)}`,
      next: 'see what the server logs',
    });
  }
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
