import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openPostgresStore } from '@sallyport/app-gateway/adapters/database/postgres-database.ts';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { NOON_MS, sourceOf, span } from '../app-gateway/ports/audit-records.ts';
import { bodyStoreContract } from '../app-gateway/ports/body-store-contract.ts';
import { ledgerDigestContract } from '../app-gateway/ports/ledger-digest-contract.ts';
import { ledgerSetBackContract } from '../app-gateway/ports/ledger-set-back-contract.ts';
import { ledgerStoreContract } from '../app-gateway/ports/ledger-store-contract.ts';
import { ledgerTamperContract } from '../app-gateway/ports/ledger-tamper-contract.ts';
import { ledgerToldAgainContract } from '../app-gateway/ports/ledger-told-again-contract.ts';
import { searchedMenderContract } from '../app-gateway/ports/searched-mender-contract.ts';
import { searchedTablesContract } from '../app-gateway/ports/searched-tables-contract.ts';
import { ForgetfulPooler } from './support/forgetful-pooler.ts';
import { needsPostgres, PostgresServer } from './support/postgres-server.ts';

const { skip } = needsPostgres();

describe('ledger on a PostgreSQL server', { skip }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await PostgresServer.open();
  });
  after(() => server.close());

  const open = (database: string): Promise<SqlStateStore> => server.openStore({ database });

  ledgerStoreContract('PostgreSQL', async () => {
    const database = server.freshDatabase();
    const { ledger } = await open(database);
    return {
      ledger,
      another: async () => (await open(database)).ledger,
      close: async () => undefined,
    };
  });

  const openOwned = async () => {
    const database = server.freshDatabase();
    const { ledger } = await open(database);
    const execute = async (statements: string) => {
      server.sql(database, statements);
    };
    const another = async () => (await open(database)).ledger;
    return { ledger, execute, another, close: async () => undefined };
  };

  ledgerDigestContract('PostgreSQL', openOwned);
  ledgerSetBackContract('PostgreSQL', openOwned);
  ledgerTamperContract('PostgreSQL', openOwned);
  ledgerToldAgainContract('PostgreSQL', openOwned);
  searchedTablesContract('PostgreSQL', openOwned);
  searchedMenderContract('PostgreSQL', false, openOwned);

  bodyStoreContract('PostgreSQL', async () => {
    const { bodies, ledger } = await open(server.freshDatabase());
    return { bodies, ledger, close: async () => undefined };
  });

  it('lets nobody with the gateway’s rights change or remove a record by a statement', async () => {
    const database = server.freshDatabase();
    const { ledger } = await open(database);
    assert.ok((await ledger.append([span(sourceOf('edge-1'), 0, 3)], NOON_MS)).ok);
    for (const statement of [
      "update audit_entry set record = ''",
      'delete from audit_entry where index = 1',
      'truncate audit_entry',
      'truncate audit_entry_20261121',
      'delete from audit_entry_20261121',
      'delete from audit_checkpoint',
      'delete from audit_cosignature',
    ]) {
      assert.throws(() => server.sql(database, `set role sallyport; ${statement}`), /append-only/);
    }
    assert.equal(server.sql(database, 'select count(*) from audit_entry'), '3');
  });

  for (const encoding of ['LATIN1', 'SQL_ASCII']) {
    it(`is not begun in a database in ${encoding}: partners write in every script`, async () => {
      const database = `in_${encoding.toLowerCase()}`;
      const made = `create database ${database} owner sallyport encoding '${encoding}' template template0`;
      server.sql('postgres', made);
      const opened = await openPostgresStore(server.settings({ database }));
      assert.ok(!opened.ok);
      assert.equal(opened.error.code, 'database-not-opened');
      assert.match(opened.error.message, new RegExp(`${encoding}.*UTF8`));
    });
  }

  it('is not begun behind a pooler that leaves out what is asked of a session', async () => {
    const socket = join(server.socketFolder, `.s.PGSQL.${server.port}`);
    const pooler = await ForgetfulPooler.before(socket);
    const { caFile: _, serverName: __, ...settings } = server.settings({ port: pooler.port });
    const opened = await openPostgresStore({ ...settings, tls: 'off' });
    pooler.close();
    assert.ok(!opened.ok);
    assert.match(opened.error.message, /^what was asked of the session/);
  });

  it('reads days, and waits for others, whatever its database was set to', async () => {
    const database = server.freshDatabase();
    server.sql('postgres', `alter database ${database} set datestyle = 'German'`);
    const isolation = 'default_transaction_isolation';
    server.sql('postgres', `alter database ${database} set ${isolation} = 'serializable'`);
    const [one, other] = [await open(database), await open(database)];
    const batches = Array.from({ length: 8 }, (_, at) => span(sourceOf('edge-1'), at, at + 1));
    const nextDayMs = NOON_MS + 86_400_000;
    const done = await Promise.all([
      ...batches.map((batch) => one.ledger.append([batch], NOON_MS)),
      ...batches.map((batch) => other.ledger.append([batch], NOON_MS)),
    ]);
    assert.deepEqual(
      done.filter(({ ok }) => !ok),
      [],
    );
    assert.ok((await one.ledger.append([span(sourceOf('edge-2'), 0, 1)], nextDayMs)).ok);
    const days = await other.ledger.days();
    assert.deepEqual(days.ok && days.value.map(({ day, endIndex }) => [day, endIndex]), [
      ['2026-11-21', 8],
      ['2026-11-22', 9],
    ]);
  });

  it('says that a stopped server is unavailable, and goes on where it was', async () => {
    const database = server.freshDatabase();
    const { ledger } = await open(database);
    const source = sourceOf('edge-1');
    assert.ok((await ledger.append([span(source, 0, 300)], NOON_MS)).ok);
    await server.stop();
    const lost = await ledger.append([span(source, 300, 600)], NOON_MS);
    assert.equal(!lost.ok && lost.error.code, 'unavailable');
    await server.start();
    const done = await ledger.append([span(source, 200, 600)], NOON_MS);
    assert.ok(done.ok, JSON.stringify(done));
    assert.equal(done.value.added, 300);
    assert.equal(done.value.head.size, 600);
  });

  it('writes no further on a tree that is not the one of its head', async () => {
    const database = server.freshDatabase();
    const { ledger } = await open(database);
    const source = sourceOf('edge-1');
    assert.ok((await ledger.append([span(source, 0, 300)], NOON_MS)).ok);
    server.sql(database, 'update audit_tile set hashes = substring(hashes from 2) where tile = 1');
    const other = (await open(database)).ledger;
    const done = await other.append([span(source, 300, 301)], NOON_MS);
    assert.equal(!done.ok && done.error.code, 'damaged');
    const head = await other.head();
    assert.equal(head.ok && head.value.size, 300);
  });
});
