import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { columnNames } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { SqlFeedCursors } from '@sallyport/app-gateway/adapters/database/sql-feed-cursors.ts';
import type { Tables } from '@sallyport/app-gateway/adapters/database/tables.ts';
import { Kysely, PGliteDialect, sql } from 'kysely';
import { memoryDatabase } from './memory-database.ts';

describe('cursors of feeds', { timeout: 60_000 }, () => {
  let db: Kysely<Tables>;
  before(async () => {
    const pglite = await memoryDatabase();
    db = new Kysely<Tables>({
      dialect: new PGliteDialect({ pglite }),
      plugins: [columnNames()],
    });
    assert.ok((await migrate(db)).ok);
  });
  after(() => db.destroy());

  it('begin at the beginning, and then where they were put last', async () => {
    const cursors = new SqlFeedCursors(db);
    assert.deepEqual(await cursors.claim('splunk', 'gateway-1'), { ok: true, value: { next: 0 } });
    assert.deepEqual(await cursors.save('splunk', 'gateway-1', 10_000_000_000), {
      ok: true,
      value: true,
    });
    assert.deepEqual(await cursors.claim('splunk', 'gateway-1'), {
      ok: true,
      value: { next: 10_000_000_000 },
    });
    assert.deepEqual(await cursors.claim('other', 'gateway-1'), { ok: true, value: { next: 0 } });
  });

  it('belong to one gateway, until it leaves them or is gone', async () => {
    const cursors = new SqlFeedCursors(db);
    const next = async (node: string): Promise<number | undefined> => {
      const claimed = await cursors.claim('qradar', node);
      assert.ok(claimed.ok);
      return claimed.value?.next;
    };
    assert.equal(await next('gateway-1'), 0);
    assert.equal(await next('gateway-2'), undefined);
    assert.deepEqual(await cursors.save('qradar', 'gateway-2', 5), { ok: true, value: false });
    assert.deepEqual(await cursors.save('qradar', 'gateway-1', 7), { ok: true, value: true });
    await cursors.release('qradar', 'gateway-2');
    assert.equal(await next('gateway-2'), undefined, 'nobody releases what is another one’s');
    await cursors.release('qradar', 'gateway-1');
    assert.equal(await next('gateway-2'), 7);
    await sql`update audit_feed set claimed_until = clock_timestamp() - interval '1 second'`.execute(
      db,
    );
    assert.equal(await next('gateway-1'), 7, 'who does not come back in time has lost it');
    assert.equal(await next('gateway-2'), undefined);
    const { rows } = await sql<{ seconds: number }>`
      select extract(epoch from claimed_until - clock_timestamp())::int as seconds
      from audit_feed where destination = 'qradar'`.execute(db);
    assert.ok((rows[0]?.seconds ?? 0) > 60, 'a claim outlasts every wait of a connection');
  });

  it('say when they cannot be kept', async () => {
    const outcome = await new SqlFeedCursors(db).save('splunk', 'gateway-1', -1);
    assert.match(outcome.ok ? '' : outcome.error, /23514/);
  });

  it('say when the database is gone', async () => {
    const pglite = await memoryDatabase();
    const gone = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
    await gone.destroy();
    assert.equal((await new SqlFeedCursors(gone).claim('splunk', 'gateway-1')).ok, false);
  });
});
