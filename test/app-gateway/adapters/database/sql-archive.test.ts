import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ARCHIVE_TABLES,
  REMADE_TABLES,
} from '@sallyport/app-gateway/adapters/database/archive-steps.ts';
import { columnNames } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import type { Tables } from '@sallyport/app-gateway/adapters/database/tables.ts';
import type { ArchivePlace } from '@sallyport/app-gateway/ports/state-archive.ts';
import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';
import { Kysely, PGliteDialect } from 'kysely';
import { memoryStore } from '../../ledger/memory-ledger.ts';
import { NOON_MS, sourceOf, span } from '../../ports/audit-records.ts';
import { stateArchiveContract } from '../../ports/state-archive-contract.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { memoryDatabase } from './memory-database.ts';

const DAY_MS = 86_400_000;

stateArchiveContract('embedded, in memory', memoryStore);

it('a record that somebody has moved to another day is copied as it stands', async (t) => {
  const pglite = await memoryDatabase();
  const db = new Kysely<Tables>({
    dialect: new PGliteDialect({ pglite }),
    plugins: [columnNames()],
  });
  unwrap(await migrate(db));
  const store = new SqlStateStore(db, async () => undefined);
  t.after(() => store.close());
  // The second day begins with another tile.
  unwrap(await store.ledger.append([span(sourceOf('edge-1'), 0, TILE_WIDTH)], NOON_MS));
  const later = span(sourceOf('edge-1'), TILE_WIDTH, TILE_WIDTH + 2);
  unwrap(await store.ledger.append([later], NOON_MS + DAY_MS));
  await pglite.exec(`set session_replication_role = replica;
    update audit_entry set day = day + 1 where index = 0;
    set session_replication_role = origin`);
  const mark = unwrap(await store.archive.mark());
  const copied: string[] = [];
  let place: ArchivePlace | undefined;
  do {
    const page = unwrap(await store.archive.page(mark, place));
    copied.push(...page.tables.flatMap(({ table, rows }) => (table === 'audit_entry' ? rows : [])));
    place = page.next;
  } while (place !== undefined);
  assert.equal(copied.length, TILE_WIDTH + 2);
  assert.match(copied[0] ?? '', /^\{"index":0,"day":"2026-11-22",/);
});

it('hashes of days that were dropped come in pages as well', async (t) => {
  const store = await memoryStore();
  t.after(() => store.close());
  const tiles = 80;
  for (const at of [0, tiles / 2]) {
    const records = span(sourceOf('edge-1'), at * TILE_WIDTH, (at + tiles / 2) * TILE_WIDTH);
    unwrap(await store.ledger.append([records], NOON_MS));
  }
  const size = tiles * TILE_WIDTH;
  const later = span(sourceOf('edge-1'), size, size + 1);
  unwrap(await store.ledger.append([later], NOON_MS + DAY_MS));
  unwrap(await store.ledger.dropDay('2026-11-21', NOON_MS));
  const mark = unwrap(await store.archive.mark());
  const characters: number[] = [];
  let place: ArchivePlace | undefined;
  do {
    const page = unwrap(await store.archive.page(mark, place));
    characters.push(page.tables.flatMap(({ rows }) => rows).join('').length);
    place = page.next;
  } while (place !== undefined);
  assert.ok(Math.max(...characters) < 700_000, `${characters.join()} characters`);
});

describe('tables of a copy', () => {
  it('are all that the migrations make and no gateway makes again, so that none is forgotten', async () => {
    const pglite = await memoryDatabase();
    const db = new Kysely({ dialect: new PGliteDialect({ pglite }), plugins: [columnNames()] });
    assert.ok((await migrate(db)).ok);
    const { rows } = await pglite.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    // Steps are told in the mark.
    const tables = rows.map(({ name }) => name).filter((name) => !name.includes('migration'));
    assert.deepEqual([...new Set([...ARCHIVE_TABLES, ...REMADE_TABLES])].sort(), tables.sort());
    await db.destroy();
  });
});
