import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { unwrap } from '../ports/unwrap.ts';

/** State and ledger in an embedded database in memory; to be closed. */
export async function memoryStore(): Promise<SqlStateStore> {
  return unwrap(await openEmbeddedStore(undefined));
}
