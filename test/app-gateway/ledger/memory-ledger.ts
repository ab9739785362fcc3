import { columnNames } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import type { Tables } from '@sallyport/app-gateway/adapters/database/tables.ts';
import { Kysely, PGliteDialect } from 'kysely';
import { memoryDatabase } from '../adapters/database/memory-database.ts';
import { unwrap } from '../ports/unwrap.ts';

/** State and ledger in a database in memory; to be closed. */
export async function memoryStore(): Promise<SqlStateStore> {
  const db = new Kysely<Tables>({
    dialect: new PGliteDialect({ pglite: await memoryDatabase() }),
    plugins: [columnNames()],
  });
  unwrap(await migrate(db));
  return new SqlStateStore(db, async () => undefined);
}
