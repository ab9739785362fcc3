import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { PostgresSettings } from '@sallyport/app-gateway/adapters/database/postgres-connection.ts';
import { openPostgresStore } from '@sallyport/app-gateway/adapters/database/postgres-database.ts';
import type { StateStore } from '@sallyport/app-gateway/ports/state-store.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { AT_MS, plainPartner, programEvent } from '../app-gateway/ports/state-records.ts';
import { stateStoreContract } from '../app-gateway/ports/state-store-contract.ts';
import { DATABASE_PASSWORD, needsPostgres, PostgresServer } from './support/postgres-server.ts';
import { until } from './support/wait.ts';

const { skip } = needsPostgres();

describe('state on a PostgreSQL server', { skip }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await PostgresServer.open();
  });
  after(() => server.close());

  const open = (over: Partial<PostgresSettings> = {}): Promise<StateStore> =>
    server.openStore(over);
  const revisionOf = async (store: StateStore): Promise<number> => {
    const state = await store.load();
    assert.ok(state.ok, JSON.stringify(state));
    return state.value.revision;
  };

  stateStoreContract('PostgreSQL', () => open({ database: server.freshDatabase() }));

  const file = (name: string, text: string): string => {
    const path = join(server.folder, name);
    writeFileSync(path, text);
    return path;
  };
  const refusals: readonly (readonly [
    string,
    () => Partial<PostgresSettings> | Promise<Partial<PostgresSettings>>,
    RegExp,
  ])[] = [
    [
      'another authority',
      async () => {
        const other = await createAuthority({
          commonName: 'other CA',
          ...validForDays(Date.now(), 1),
        });
        return { caFile: file('other-ca.pem', other.certificatePem) };
      },
      /certificate/,
    ],
    ['the system’s authorities', () => ({ caFile: undefined }) as never, /certificate/],
    ['another name', () => ({ serverName: 'other.home.internal' }), /altnames/],
    ['an address that is not in the certificate', () => ({ serverName: undefined }), /altnames|IP/],
    ['no TLS where the server demands it', () => ({ tls: 'off' }), /no encryption|pg_hba/],
    ['a wrong password', () => ({ passwordFile: file('wrong', 'hunter2-wrong\n') }), /28P01/],
    ['a password file that is not there', () => ({ passwordFile: '/none/here' }), /ENOENT/],
    ['a database that does not exist', () => ({ database: 'nowhere' }), /3D000/],
    ['a port where nobody answers', () => ({ port: 1 }), /ECONNREFUSED/],
  ];
  for (const [what, over, reason] of refusals) {
    it(`is refused: ${what}`, async () => {
      const store = await openPostgresStore(server.settings(await over()));
      assert.equal(store.ok, false);
      if (store.ok) return;
      assert.equal(store.error.code, 'database-not-opened');
      assert.match(store.error.message, reason);
      const said = JSON.stringify(store.error);
      assert.ok(!said.includes(DATABASE_PASSWORD) && !said.includes('hunter2'), said);
    });
  }

  it('goes by the authorities that lie in the file when it connects, and by the last that did', async () => {
    const other = await createAuthority({ commonName: 'other CA', ...validForDays(Date.now(), 1) });
    const right = readFileSync(server.caFile, 'utf8');
    const caFile = file('renewed-ca.pem', right);
    const database = server.freshDatabase();
    const store = await open({ database, caFile });
    const isLoadedAnew = async () => {
      const others = `datname = '${database}' and pid <> pg_backend_pid()`;
      server.sql(
        database,
        `select pg_terminate_backend(pid) from pg_stat_activity where ${others}`,
      );
      // Those that were ended are found out one by one.
      for (let tries = 0; tries < 5; tries++) if ((await store.load()).ok) return true;
      return false;
    };
    assert.equal(await isLoadedAnew(), true);
    writeFileSync(caFile, other.certificatePem);
    assert.equal(await isLoadedAnew(), false);
    writeFileSync(caFile, right);
    assert.equal(await isLoadedAnew(), true);
    rmSync(caFile);
    assert.equal(await isLoadedAnew(), true);
  });

  it('speaks over a Unix socket without TLS and without password', async () => {
    const store = await open({
      host: server.socketFolder,
      tls: 'off',
      database: server.freshDatabase(),
      passwordFile: undefined,
    } as never);
    assert.equal(await revisionOf(store), 0);
  });

  it('is really encrypted', async () => {
    const database = server.freshDatabase();
    await open({ database });
    const encrypted = server.sql(
      'postgres',
      `select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) where datname = '${database}'`,
    );
    assert.equal(encrypted, 't');
  });

  it('two gateways that start at once migrate once', async () => {
    const database = server.freshDatabase();
    const stores = await Promise.all([open({ database }), open({ database }), open({ database })]);
    for (const store of stores) assert.equal(await revisionOf(store), 0);
    assert.equal(server.sql(database, 'select count(*) from site_revision'), '1');
  });

  it('refuses a database that a newer program has migrated', async () => {
    const database = server.freshDatabase();
    await open({ database });
    server.sql(database, "insert into sallyport_migration values ('0099-later', 'now')");
    const store = await openPostgresStore(server.settings({ database }));
    assert.equal(!store.ok && store.error.code, 'database-newer');
    assert.match(store.ok ? '' : store.error.message, /0099-later/);
  });

  it('keeps history: nobody with the gateway’s rights changes or removes an event by a statement', async () => {
    const database = server.freshDatabase();
    const store = await open({ database });
    await store.commit(0, { events: [programEvent('kept')] }, AT_MS);
    for (const statement of [
      "update change_event set subject = 'x'",
      'delete from change_event',
      'truncate change_event',
      'delete from approval',
    ]) {
      assert.throws(() => server.sql(database, `set role sallyport; ${statement}`), /append-only/);
    }
    assert.equal(server.sql(database, 'select count(*) from change_event'), '1');
  });

  it('of two gateways that change at once one is told of the conflict', async () => {
    const database = server.freshDatabase();
    const [one, two] = await Promise.all([open({ database }), open({ database })]);
    const change = (id: string) => ({
      partners: [plainPartner(id)],
      events: [programEvent(`partner/${id}`)] as const,
    });
    const done = await Promise.all([
      one.commit(0, change('one'), AT_MS),
      two.commit(0, change('two'), AT_MS),
    ]);
    const codes = done.map((result) => (result.ok ? 'done' : result.error.code)).sort();
    assert.deepEqual(codes, ['conflict', 'done']);
    const state = await two.load();
    assert.equal(state.ok && state.value.partners.length, 1);
  });

  it('each of two gateways hears of the other’s changes, and of its own once', async () => {
    const database = server.freshDatabase();
    const [one, two] = await Promise.all([open({ database }), open({ database })]);
    const heard: [number[], number[]] = [[], []];
    one.watch((revision) => heard[0].push(revision));
    two.watch((revision) => heard[1].push(revision));
    const first = await one.commit(0, { events: [programEvent('heard')] }, AT_MS);
    assert.ok(first.ok);
    await until('the other gateway to hear', 5000, () => heard[1].length > 0);
    const second = await two.commit(first.value, { events: [programEvent('heard')] }, AT_MS);
    assert.ok(second.ok);
    await until('the first gateway to hear', 5000, () => heard[0].length > 1);
    assert.deepEqual(heard, [
      [first.value, second.value],
      [first.value, second.value],
    ]);
  });

  it('says that a stopped server is unavailable, and goes on when it is back: changes and news', async () => {
    const database = server.freshDatabase();
    const [one, two] = await Promise.all([open({ database }), open({ database })]);
    const heard: number[] = [];
    two.watch((revision) => heard.push(revision));
    await server.stop();
    const lost = await one.load();
    assert.equal(!lost.ok && lost.error.code, 'unavailable');
    const refused = await one.commit(0, { events: [programEvent('lost')] }, AT_MS);
    assert.equal(!refused.ok && refused.error.code, 'unavailable');
    await server.start();
    assert.equal(await revisionOf(one), 0);
    const done = await one.commit(0, { events: [programEvent('back')] }, AT_MS);
    assert.ok(done.ok, JSON.stringify(done));
    await until('the other gateway to hear again', 10_000, () => heard.length > 0);
    assert.deepEqual(heard, [done.value]);
  });
});
