import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { openPostgresStore } from '@sallyport/app-gateway/adapters/database/postgres-database.ts';
import { stateArchiveContract } from '../app-gateway/ports/state-archive-contract.ts';
import { DATABASE_NAME, needsPostgres, PostgresServer } from './support/postgres-server.ts';

const { skip } = needsPostgres();

describe('copy of a database on a PostgreSQL server', { skip }, () => {
  let server: PostgresServer;
  let databases = 0;
  before(async () => {
    server = await PostgresServer.open();
  });
  after(() => server.close());

  stateArchiveContract('PostgreSQL', async () => {
    databases += 1;
    const database = `copy_${databases}`;
    server.createDatabase(database);
    const store = await openPostgresStore({
      host: server.host,
      port: server.port,
      database,
      user: 'sallyport',
      passwordFile: server.passwordFile,
      tls: 'verified',
      caFile: server.caFile,
      serverName: DATABASE_NAME,
      connectionsMax: 4,
    });
    assert.ok(store.ok, JSON.stringify(store));
    return store.value;
  });
});
