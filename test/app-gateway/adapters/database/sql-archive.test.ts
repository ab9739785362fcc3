import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ARCHIVE_TABLES } from '@sallyport/app-gateway/adapters/database/archive-steps.ts';
import { columnNames } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { Kysely, PGliteDialect } from 'kysely';
import { memoryStore } from '../../ledger/memory-ledger.ts';
import { stateArchiveContract } from '../../ports/state-archive-contract.ts';
import { memoryDatabase } from './memory-database.ts';

stateArchiveContract('embedded, in memory', memoryStore);

describe('tables of a copy', () => {
  it('are all that the migrations make, so that none is forgotten', async () => {
    const pglite = await memoryDatabase();
    const db = new Kysely({ dialect: new PGliteDialect({ pglite }), plugins: [columnNames()] });
    assert.ok((await migrate(db)).ok);
    const { rows } = await pglite.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    // Steps are told in the mark.
    const tables = rows.map(({ name }) => name).filter((name) => !name.includes('migration'));
    assert.deepEqual([...new Set(ARCHIVE_TABLES)].sort(), tables.sort());
    await db.destroy();
  });
});
