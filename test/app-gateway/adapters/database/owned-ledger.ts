import assert from 'node:assert/strict';
import { columnNames } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { SqlLedgerStore } from '@sallyport/app-gateway/adapters/database/sql-ledger-store.ts';
import type { Tables } from '@sallyport/app-gateway/adapters/database/tables.ts';
import { Kysely, PGliteDialect } from 'kysely';
import type { OwnedLedger } from '../../ports/ledger-tamper-contract.ts';
import { memoryDatabase } from './memory-database.ts';

/** A ledger in an embedded database in memory, and the database itself. */
export async function openLedger() {
  const pglite = await memoryDatabase();
  const db = new Kysely<Tables>({
    dialect: new PGliteDialect({ pglite }),
    plugins: [columnNames()],
  });
  assert.ok((await migrate(db)).ok);
  return { pglite, db, ledger: new SqlLedgerStore(db) };
}

/** The same as its owner has it, who goes around the ledger. */
export async function openOwned(): Promise<
  OwnedLedger & { readonly another: () => Promise<SqlLedgerStore> }
> {
  const { pglite, db, ledger } = await openLedger();
  const execute = async (statements: string) => {
    await pglite.exec(statements);
    await pglite.exec('set session_replication_role = origin');
  };
  const another = async () => new SqlLedgerStore(db);
  return { ledger, execute, another, close: () => db.destroy() };
}
