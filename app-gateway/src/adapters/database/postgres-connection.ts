import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import pg from 'pg';
import { BIGINT } from './embedded-database.ts';

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
  /** Authorities of the server's certificate, read anew for each connection as well; none: the system's. */
  readonly caFile?: string;
  /** Name that the certificate must stand for; none: `host`. */
  readonly serverName?: string | undefined;
  readonly connectionsMax: number;
}

const CONNECT_TIMEOUT_MS = 5000;
/** The server gives a statement up after so long. */
export const STATEMENT_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 5000;
/** The server's timeout comes first; this one is for a server that has stopped answering. */
const ANSWER_TIMEOUT_MS = 15_000;
/**
 * What a server, a database or a user may have been set to otherwise.
 *
 * Our statements find few rows by an index; compiling them takes 20 to 200 ms. The server would do so where it expects many:
 * it keeps no statistics of expressions in partial indexes, and takes a Call-ID for one of two hundred. Days are read as
 * `2026-11-21`. Whoever waits for a lock sees what was committed until then. What is committed is on the server's disk: the
 * journal gives up what the database has.
 */
const SESSION = [
  '-c jit=off',
  '-c DateStyle=ISO',
  '-c default_transaction_isolation=read\\ committed',
  '-c synchronous_commit=on',
].join(' ');

/** Everything is said, so that nothing is taken from the environment (`PGHOST`, `PGSSLMODE`, …). */
export function connectionOf(settings: PostgresSettings): pg.ClientConfig {
  const { host, port, database, user, passwordFile } = settings;
  return {
    host,
    port,
    database,
    user,
    password: passwordFile === undefined ? '' : () => readFileSync(passwordFile, 'utf8').trim(),
    ssl: settings.tls === 'off' ? false : tlsOf(settings),
    application_name: 'sallyport',
    options: SESSION,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  };
}

/**
 * The certificate must lead to the authorities and stand for the name; there is no way to skip either. What is asked for (SNI)
 * is `host` where that is a name: the driver has it so, whatever we say.
 */
function tlsOf({ host, caFile, serverName }: PostgresSettings): pg.ClientConfig['ssl'] {
  const name = serverName ?? host;
  const options = {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(isIP(host) !== 0 && isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_: string, certificate: PeerCertificate) =>
      checkServerIdentity(name, certificate),
  } as const;
  if (caFile === undefined) return options;
  const authorities = authoritiesIn(caFile);
  // The driver takes the options anew for each connection.
  return Object.defineProperty(options, 'ca', { enumerable: true, get: authorities });
}

/**
 * The authorities in a file, read anew each time; while it has none, or cannot be read, those that it had. Without any, all
 * that the system knows would be trusted: that is thrown at once.
 */
function authoritiesIn(file: string): () => string {
  let known = readFileSync(file, 'utf8');
  if (!hasCertificate(known)) throw new Error(`${file} holds no PEM certificate`);
  return () => {
    try {
      const read = readFileSync(file, 'utf8');
      if (hasCertificate(read)) known = read;
    } catch {
      // It is being replaced: the next connection finds it.
    }
    return known;
  };
}

function hasCertificate(text: string): boolean {
  return decodePem(text, 'CERTIFICATE').length > 0;
}

function getTypeParser(type: number, format?: 'text' | 'binary') {
  if (type === BIGINT) return Number;
  return format === undefined
    ? pg.types.getTypeParser(type)
    : pg.types.getTypeParser(type, format as 'text');
}
