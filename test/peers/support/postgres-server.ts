import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { PostgresSettings } from '@sallyport/app-gateway/adapters/database/postgres-connection.ts';
import { openPostgresStore } from '@sallyport/app-gateway/adapters/database/postgres-database.ts';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { environment } from './environment.ts';
import { freePort } from './free-port.ts';
import { accepts, until } from './wait.ts';

const VERSIONS = '/usr/lib/postgresql';
const HOST = '127.0.0.1';
/** Name in the server's certificate; nothing resolves it. */
export const DATABASE_NAME = 'db.home.internal';
export const DATABASE_PASSWORD = 'correct horse battery staple';
const START_MS = 20_000;
const ANSWER_BYTES_MAX = 268_435_456;
/** Ends at once what clients do: "fast shutdown". */
const FAST = 'SIGINT';

/** Where a server runs when that is not this network: its address, and how a program is started there. */
export interface DatabasePlace {
  readonly host: string;
  readonly port: number;
  command(program: string, args: readonly string[]): { command: string; args: readonly string[] };
}

/** A PostgreSQL server of a test, in a folder of its own, on loopback with TLS and on a Unix socket. */
export class PostgresServer {
  readonly folder: string;
  readonly port: number;
  readonly caFile: string;
  readonly passwordFile: string;
  readonly #owner: Owner | undefined;
  readonly #bin: string;
  readonly #place: DatabasePlace | undefined;
  #child: ChildProcess | undefined;
  #databases = 0;
  readonly #stores: SqlStateStore[] = [];

  private constructor(
    folder: string,
    port: number,
    bin: string,
    owner: Owner | undefined,
    place: DatabasePlace | undefined,
  ) {
    this.folder = folder;
    this.port = port;
    this.caFile = join(folder, 'db-ca.pem');
    this.passwordFile = join(folder, 'password');
    this.#bin = bin;
    this.#owner = owner;
    this.#place = place;
  }

  /** Makes a fresh cluster with a role and a database for us, and starts it. */
  static async open(place?: DatabasePlace): Promise<PostgresServer> {
    const bin = postgresFolder();
    if (bin === undefined) throw new Error('PostgreSQL is not installed');
    const owner = ownerOf();
    const folder = mkdtempSync(join(tmpdir(), 'pg-'));
    if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
    const server = new PostgresServer(
      folder,
      place?.port ?? (await freePort(HOST)),
      bin,
      owner,
      place,
    );
    await server.#initialise();
    await server.start();
    return server;
  }

  get host(): string {
    return this.#place?.host ?? HOST;
  }

  /** Of the server that runs now; its children serve connections. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get socketFolder(): string {
    return this.folder;
  }

  /** After `kill` it may have to try again: the dead server's children hold its memory for a moment. */
  async start(): Promise<void> {
    let child = this.#spawn();
    await until('PostgreSQL to accept connections', START_MS, async () => {
      if (hasEnded(child)) child = this.#spawn();
      const isThere = this.#place !== undefined || (await accepts(HOST, this.port));
      return isThere && this.#isReady() ? true : undefined;
    });
    this.#child = child;
  }

  /** As a crash of the server would end it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end(FAST);
  }

  /** Ends it, and what was opened on it. */
  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** How a gateway reaches it: over TLS, by password. */
  settings(over: Partial<PostgresSettings> = {}): PostgresSettings {
    return {
      host: HOST,
      port: this.port,
      database: 'sallyport',
      user: 'sallyport',
      passwordFile: this.passwordFile,
      tls: 'verified',
      caFile: this.caFile,
      serverName: DATABASE_NAME,
      connectionsMax: 4,
      ...over,
    };
  }

  /** What a gateway keeps there; closed with the server. */
  async openStore(over: Partial<PostgresSettings> = {}): Promise<SqlStateStore> {
    const store = await openPostgresStore(this.settings(over));
    if (!store.ok) throw new Error(JSON.stringify(store.error));
    this.#stores.push(store.value);
    return store.value;
  }

  /** A further, empty database; its name. */
  freshDatabase(): string {
    this.#databases += 1;
    const name = `fresh_${this.#databases}`;
    this.#createDatabase(name);
    return name;
  }

  /** Moves the tables of a database to another disk; the log of what is written stays where it is. */
  moveTables(database: string, folder: string): void {
    if (this.#owner !== undefined) chownSync(folder, this.#owner.uid, this.#owner.gid);
    this.sql('postgres', `create tablespace elsewhere location '${folder}'`);
    this.sql('postgres', 'grant create on tablespace elsewhere to sallyport');
    const tables = `alter table all in tablespace pg_default set tablespace elsewhere`;
    this.sql(database, `${tables}; ${tables.replace('table all', 'index all')}`);
    this.sql(database, `alter database ${database} set default_tablespace = elsewhere`);
  }

  /** One statement as superuser over the Unix socket; the answer as text. */
  sql(database: string, statement: string): string {
    const args = ['-h', this.folder, '-p', String(this.port), '-U', 'super', '-d', database];
    return execFileSync(join(this.#bin, 'psql'), [...args, '-Atc', statement], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: ANSWER_BYTES_MAX,
      ...this.#owner,
    }).trim();
  }

  #createDatabase(name: string): void {
    this.sql('postgres', `create database ${name} owner sallyport`);
  }

  #spawn(): ChildProcess {
    const program = join(this.#bin, 'postgres');
    const args = ['-D', join(this.folder, 'data')];
    if (this.#place === undefined) return spawn(program, args, { stdio: 'ignore', ...this.#owner });
    // Only root gets there, and PostgreSQL does not run as root.
    const { uid = 0, gid = 0 } = this.#owner ?? {};
    const asOwner = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', program, ...args];
    const there = this.#place.command('setpriv', asOwner);
    return spawn(there.command, there.args, { stdio: 'ignore' });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || hasEnded(child)) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  #isReady(): boolean {
    try {
      return this.sql('postgres', 'select 1') === '1';
    } catch {
      return false;
    }
  }

  async #initialise(): Promise<void> {
    const data = join(this.folder, 'data');
    execFileSync(
      join(this.#bin, 'initdb'),
      ['-D', data, '-U', 'super', '--auth=trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      { stdio: 'ignore', ...this.#owner },
    );
    const validity = validForDays(Date.now(), 1);
    const authority = await createAuthority({ commonName: 'database test CA', ...validity });
    const own = await issueDomainCertificate(authority, { domains: [DATABASE_NAME], ...validity });
    this.#write('data/server.crt', own.certificatePem, 0o644);
    this.#write('data/server.key', own.privateKeyPem, 0o600);
    this.#write(
      'data/pg_hba.conf',
      `local all all trust\nhostssl all all ${this.#place === undefined ? '127.0.0.1/32' : '0.0.0.0/0'} scram-sha-256\n`,
      0o600,
    );
    const settings = [
      `listen_addresses = '${this.host}'`,
      `port = ${this.port}`,
      `unix_socket_directories = '${this.folder}'`,
      'ssl = on',
      'fsync = off',
    ];
    this.#write('data/postgresql.conf', `${settings.join('\n')}\n`, 0o600);
    writeFileSync(this.caFile, authority.certificatePem);
    writeFileSync(this.passwordFile, `${DATABASE_PASSWORD}\n`, { mode: 0o600 });
    await this.start();
    this.sql('postgres', `create role sallyport login password '${DATABASE_PASSWORD}'`);
    this.#createDatabase('sallyport');
    await this.stop();
  }

  #write(name: string, text: string, mode: number): void {
    const path = join(this.folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text, { mode });
    if (this.#owner !== undefined) chownSync(path, this.#owner.uid, this.#owner.gid);
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; then its package's user runs it. */
function ownerOf(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Folder of the newest installed server's programs. */
function postgresFolder(): string | undefined {
  try {
    const [newest] = readdirSync(VERSIONS)
      .map(Number)
      .filter((version) => version >= 13)
      .sort((a, b) => b - a);
    return newest === undefined ? undefined : join(VERSIONS, String(newest), 'bin');
  } catch {
    return undefined;
  }
}

/** Options for a test that needs a PostgreSQL server, like `needs` for the programs in the PATH. */
export function needsPostgres(): { skip: string | false } {
  if (postgresFolder() !== undefined) return { skip: false };
  const reason = 'MISSING PEERS: postgresql (run test/peers/install.sh, or install postgresql)';
  if (environment['CI'] === 'true') throw new Error(reason);
  console.error(`peers: ${reason}`);
  return { skip: reason };
}
