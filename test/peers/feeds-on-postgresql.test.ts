import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { needsPostgres, PostgresServer } from './support/postgres-server.ts';

const { skip } = needsPostgres();
const ROUNDS = 20;

describe('feeds of several gateways on a PostgreSQL server', { skip }, () => {
  let server: PostgresServer;
  const stores: SqlStateStore[] = [];
  before(async () => {
    server = await PostgresServer.open();
    for (let gateway = 0; gateway < 3; gateway++) {
      stores.push(await server.openStore({ connectionsMax: 2 }));
    }
  });
  after(() => server.close());

  it('have one holder of each destination, however many want it at once', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const name = `siem-${round}`;
      const claims = await Promise.all(
        stores.map(({ feedCursors }, at) => feedCursors.claim(name, `gateway-${at}`)),
      );
      const holders = claims.flatMap((claim, at) => (claim.ok && claim.value ? [at] : []));
      assert.equal(holders.length, 1, JSON.stringify(claims));
    }
  });

  it('go on where the lost gateway was, once its claim has ended', async () => {
    const [one, two] = stores.map(({ feedCursors }) => feedCursors);
    assert.deepEqual(await one?.claim('siem', 'gateway-1'), { ok: true, value: { next: 0 } });
    assert.deepEqual(await one?.save('siem', 'gateway-1', 4711), { ok: true, value: true });
    assert.deepEqual(await two?.claim('siem', 'gateway-2'), { ok: true, value: undefined });
    server.sql('sallyport', "update audit_feed set claimed_until = now() - interval '1 second'");
    assert.deepEqual(await two?.claim('siem', 'gateway-2'), { ok: true, value: { next: 4711 } });
    assert.deepEqual(await one?.save('siem', 'gateway-1', 1), { ok: true, value: false });
  });
});
