import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { BIGINT, columnNames } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { SqlFeedCursors } from '@sallyport/app-gateway/adapters/database/sql-feed-cursors.ts';
import type { Tables } from '@sallyport/app-gateway/adapters/database/tables.ts';
import { Kysely, PGliteDialect } from 'kysely';

describe('cursors of feeds', { timeout: 60_000 }, () => {
  let db: Kysely<Tables>;
  before(async () => {
    const pglite = await PGlite.create({ parsers: { [BIGINT]: Number } });
    db = new Kysely<Tables>({
      dialect: new PGliteDialect({ pglite }),
      plugins: [columnNames()],
    });
    assert.ok((await migrate(db)).ok);
  });
  after(() => db.destroy());

  it('are nowhere at first, and then where they were put last, for every gateway', async () => {
    const cursors = new SqlFeedCursors(db);
    assert.deepEqual(await cursors.load('splunk'), { ok: true, value: undefined });
    assert.ok((await cursors.save('splunk', 0)).ok);
    assert.deepEqual(await cursors.load('splunk'), { ok: true, value: 0 });
    assert.ok((await cursors.save('splunk', 10_000_000_000)).ok);
    assert.deepEqual(await new SqlFeedCursors(db).load('splunk'), {
      ok: true,
      value: 10_000_000_000,
    });
    assert.deepEqual(await cursors.load('other'), { ok: true, value: undefined });
  });

  it('say when they cannot be kept', async () => {
    const outcome = await new SqlFeedCursors(db).save('splunk', -1);
    assert.match(outcome.ok ? '' : outcome.error, /23514/);
  });

  it('say when the database is gone', async () => {
    const pglite = await PGlite.create();
    const gone = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
    await gone.destroy();
    assert.equal((await new SqlFeedCursors(gone).load('splunk')).ok, false);
  });
});
