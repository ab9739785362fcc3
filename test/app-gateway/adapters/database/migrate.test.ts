import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MIGRATIONS, migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { Kysely, PGliteDialect, sql } from 'kysely';
import { memoryDatabase } from './memory-database.ts';

describe('migrations', () => {
  let db: Kysely<unknown>;
  const later = {
    up: async (on: Kysely<unknown>) => {
      await sql`create table later (id integer)`.execute(on);
    },
  };
  const broken = {
    up: async (on: Kysely<unknown>) => {
      await sql`create table half (id integer)`.execute(on);
      await sql`no such statement`.execute(on);
    },
  };
  const exists = async (table: string) => {
    const found = await sql<{ readonly name: string | null }>`
      select to_regclass(${table})::text as name`.execute(db);
    return found.rows[0]?.name === table;
  };
  before(async () => {
    db = new Kysely({ dialect: new PGliteDialect({ pglite: await memoryDatabase() }) });
  });
  after(() => db.destroy());

  it('are done once and can be asked for again', async () => {
    assert.deepEqual(await migrate(db), { ok: true, value: undefined });
    assert.deepEqual(await migrate(db), { ok: true, value: undefined });
    assert.ok(await exists('change_event'));
  });

  it('refuse every change and removal of history, and let it grow', async () => {
    await sql`insert into approval values ('ann', 'hash', 'payload', 'signature')`.execute(db);
    await sql`insert into change_event values (1, 0, 'imported', 's', '{}', null, 'ann', 'hash')`.execute(
      db,
    );
    for (const statement of [
      sql`update change_event set subject = 'x'`,
      sql`delete from change_event`,
      sql`truncate change_event`,
      sql`update approval set payload = 'x'`,
      sql`delete from approval`,
      sql`truncate approval cascade`,
    ]) {
      await assert.rejects(statement.execute(db), /is append-only/);
    }
    const left = await sql<{ readonly n: number }>`
      select count(*)::int as n from change_event join approval using (operator)`.execute(db);
    assert.equal(left.rows[0]?.n, 1);
  });

  it('count what a ledger of before holds', async () => {
    const before = new Kysely<unknown>({
      dialect: new PGliteDialect({ pglite: await memoryDatabase() }),
    });
    try {
      assert.ok((await migrate(before, '0004-bodies')).ok);
      await sql`create table day partition of audit_entry
        for values from ('2026-11-21') to ('2026-11-22')`.execute(before);
      await sql`insert into audit_entry (index, day, time_ms, seq, stream, type, record)
        select n, '2026-11-21', 3600000 * (n / 2), n, 1, 20 + n % 2, '' from generate_series(0, 4) as n`.execute(
        before,
      );
      assert.ok((await migrate(before)).ok);
      const { rows } = await sql<{ readonly text: string }>`
        select concat_ws(' ', hour, type, day, records) as text from audit_type_count order by 1`.execute(
        before,
      );
      assert.deepEqual(
        rows.map(({ text }) => text),
        [
          '0 20 2026-11-21 1',
          '0 21 2026-11-21 1',
          '1 20 2026-11-21 1',
          '1 21 2026-11-21 1',
          '2 20 2026-11-21 1',
        ],
      );
    } finally {
      await before.destroy();
    }
  });

  it('of an earlier program are not made where there are later ones', async () => {
    const done = await migrate(db, '0001-exchange');
    assert.equal(!done.ok && done.error.code, 'database-newer');
    assert.match(done.ok ? '' : done.error.message, /later than those of the copy: it has 0002-/);
    assert.ok((await migrate(db, Object.keys(MIGRATIONS).at(-1))).ok);
  });

  it('that fail leave nothing behind', async () => {
    const done = await migrate(db, undefined, { ...MIGRATIONS, '0050-broken': broken });
    assert.equal(!done.ok && done.error.code, 'database-not-migrated');
    assert.equal(await exists('half'), false);
    assert.ok((await migrate(db)).ok);
  });

  it('of a newer program are named, and nothing is touched', async () => {
    assert.ok((await migrate(db, undefined, { ...MIGRATIONS, '0099-later': later })).ok);
    assert.ok(await exists('later'));
    const done = await migrate(db);
    assert.equal(!done.ok && done.error.code, 'database-newer');
    assert.match(done.ok ? '' : done.error.message, /0099-later/);
    assert.match(done.ok ? '' : done.error.next, /start the version/);
  });
});
