import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { openPostgresStore } from '@sallyport/app-gateway/adapters/database/postgres-database.ts';

/** Where a bench keeps its ledger. */
export const LEDGER_OPTIONS = {
  socket: { type: 'string' },
  port: { type: 'string', default: '5432' },
  database: { type: 'string', default: 'bench' },
  user: { type: 'string', default: 'sallyport' },
} as const;

export interface LedgerPlace {
  readonly socket?: string | undefined;
  readonly port: string;
  readonly database: string;
  readonly user: string;
}

/** A PostgreSQL server by the folder of its socket; without one an embedded database, gone at the end. */
export async function openLedgerStore({ socket, port, database, user }: LedgerPlace) {
  const opened =
    socket === undefined
      ? await openEmbeddedStore(passingFolder())
      : await openPostgresStore({
          host: socket,
          port: Number(port),
          database,
          user,
          tls: 'off',
          connectionsMax: 4,
        });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

function passingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'state');
}
