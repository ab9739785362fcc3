import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { DatabaseRefusal } from './database-refusal.ts';
import { BIGINT, columnNames } from './embedded-database.ts';
import { migrate } from './migrate.ts';
import { RevisionListener } from './revision-listener.ts';
import { SqlStateStore } from './sql-state-store.ts';
import { causeText } from './store-failure.ts';
import type { Tables } from './tables.ts';

/** Where a PostgreSQL server is, as whom to log in, and by what it is known. Paths are absolute here. */
export interface PostgresSettings {
  /** Name or address; or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Read anew for each connection, so that a password can change; none: the server knows us otherwise. */
  readonly passwordFile?: string;
  readonly tls: 'verified' | 'off';
  /** Authorities of the server's certificate; none: the system's. */
  readonly caFile?: string;
  /** Name that the certificate must stand for; none: `host`. */
  readonly serverName?: string | undefined;
  readonly connectionsMax: number;
}

const CONNECT_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 5000;
/** The server's timeout comes first; this one is for a server that has stopped answering. */
const ANSWER_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 60_000;

/** Opens the state on a PostgreSQL server (13 or later) and brings its tables up to date. */
export async function openPostgresStore(
  settings: PostgresSettings,
): Promise<Result<SqlStateStore, DatabaseRefusal>> {
  let pool: pg.Pool;
  try {
    pool = new pg.Pool({
      ...connectionOf(settings),
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
    dialect: new PostgresDialect({ pool }),
    plugins: [columnNames()],
  });
  try {
    (await pool.connect()).release();
  } catch (cause) {
    await db.destroy();
    return err(notOpened(settings, cause));
  }
  const migrated = await migrate(db);
  if (!migrated.ok) {
    await db.destroy();
    return migrated;
  }
  const listener = new RevisionListener(
    () => new pg.Client(connectionOf(settings)),
    (revision) => store.announce(revision),
  );
  const store = new SqlStateStore(db, () => listener.stop());
  await listener.start();
  return ok(store);
}

/** Everything is said, so that nothing is taken from the environment (`PGHOST`, `PGSSLMODE`, …). */
function connectionOf(settings: PostgresSettings): pg.ClientConfig {
  const { host, port, database, user, passwordFile } = settings;
  return {
    host,
    port,
    database,
    user,
    password: passwordFile === undefined ? '' : () => readFileSync(passwordFile, 'utf8').trim(),
    ssl: settings.tls === 'off' ? false : tlsOf(settings),
    application_name: 'sallyport',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  };
}

/** The certificate must lead to the authorities and stand for the name; there is no way to skip either. */
function tlsOf({ host, caFile, serverName }: PostgresSettings): pg.ClientConfig['ssl'] {
  const name = serverName ?? host;
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_: string, certificate: PeerCertificate) =>
      checkServerIdentity(name, certificate),
  };
}

function getTypeParser(type: number, format?: 'text' | 'binary') {
  if (type === BIGINT) return Number;
  return format === undefined
    ? pg.types.getTypeParser(type)
    : pg.types.getTypeParser(type, format as 'text');
}

function notOpened({ host, port, database }: PostgresSettings, cause: unknown): DatabaseRefusal {
  return {
    code: 'database-not-opened',
    message: `the database ${database} at ${host}:${port} cannot be opened: ${causeText(cause)}`,
    next: 'check "database" in site.yaml: address, user, password file, and that the certificate stands for the server name',
  };
}
