import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
import { BIGINT, columnNames } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { SqlLedgerStore } from '@sallyport/app-gateway/adapters/database/sql-ledger-store.ts';
import type { Tables } from '@sallyport/app-gateway/adapters/database/tables.ts';
import { Kysely, PGliteDialect } from 'kysely';
import { ledgerStoreContract } from '../../ports/ledger-store-contract.ts';
import { ledgerTamperContract } from '../../ports/ledger-tamper-contract.ts';

async function open() {
  const pglite = await PGlite.create({ parsers: { [BIGINT]: Number } });
  const db = new Kysely<Tables>({
    dialect: new PGliteDialect({ pglite }),
    plugins: [columnNames()],
  });
  assert.ok((await migrate(db)).ok);
  return { pglite, db, ledger: new SqlLedgerStore(db) };
}

ledgerStoreContract('embedded, in memory', async () => {
  const { db, ledger } = await open();
  return { ledger, another: async () => new SqlLedgerStore(db), close: () => db.destroy() };
});

ledgerTamperContract('embedded, in memory', async () => {
  const { pglite, db, ledger } = await open();
  const execute = async (statements: string) => {
    await pglite.exec(statements);
    await pglite.exec('set session_replication_role = origin');
  };
  return { ledger, execute, close: () => db.destroy() };
});
