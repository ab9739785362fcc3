import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
import { BIGINT, columnNames } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { SqlLedgerStore } from '@sallyport/app-gateway/adapters/database/sql-ledger-store.ts';
import type { Tables } from '@sallyport/app-gateway/adapters/database/tables.ts';
import { Kysely, PGliteDialect } from 'kysely';
import { ledgerStoreContract } from '../../ports/ledger-store-contract.ts';

ledgerStoreContract('embedded, in memory', async () => {
  const pglite = await PGlite.create({ parsers: { [BIGINT]: Number } });
  const db = new Kysely<Tables>({
    dialect: new PGliteDialect({ pglite }),
    plugins: [columnNames()],
  });
  assert.ok((await migrate(db)).ok);
  return {
    ledger: new SqlLedgerStore(db),
    another: async () => new SqlLedgerStore(db),
    close: () => db.destroy(),
  };
});
