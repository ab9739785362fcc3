import { after, before, describe } from 'node:test';
import { stateArchiveContract } from '../app-gateway/ports/state-archive-contract.ts';
import { needsPostgres, PostgresServer } from './support/postgres-server.ts';

const { skip } = needsPostgres();

describe('copy of a database on a PostgreSQL server', { skip }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await PostgresServer.open();
  });
  after(() => server.close());

  stateArchiveContract('PostgreSQL', () => server.openStore({ database: server.freshDatabase() }));
});
