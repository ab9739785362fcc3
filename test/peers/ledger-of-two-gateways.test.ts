import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { openPostgresStore } from '@sallyport/app-gateway/adapters/database/postgres-database.ts';
import { type Pair, startPair } from '../integration/support/pair.ts';
import { readStore } from '../integration/support/pair-ledger.ts';
import { requestText } from '../integration/support/pair-message.ts';
import { needsPostgres, PostgresServer } from './support/postgres-server.ts';
import { until } from './support/wait.ts';

const { skip } = needsPostgres();

/** Sends messages one after the other; returns the Call-IDs of those that were answered 200. */
async function exchange(pair: Pair, round: string, count: number): Promise<readonly string[]> {
  const partner = await pair.partner();
  const answered: string[] = [];
  for (let number = 0; number < count; number++) {
    const callId = `${round}-${number}`;
    const answer = await partner.ask(requestText('MESSAGE', { callId }));
    if (answer.status === 200) answered.push(callId);
  }
  return answered;
}

it('two gateways write one ledger: either is killed, the database is killed, nothing is lost or twice', {
  skip,
}, async (t) => {
  const server = await PostgresServer.open();
  t.after(() => server.close());
  const settings = {
    host: server.socketFolder,
    port: server.port,
    database: server.freshDatabase(),
    user: 'sallyport',
    tls: 'off',
  } as const;
  const pair = await startPair(t, { gateways: 2, database: { kind: 'postgresql', ...settings } });
  const answered: string[] = [];
  for (let round = 0; round < 4; round++) {
    answered.push(...(await exchange(pair, `before-${round}`, 20)));
    await pair.gateways[round % 2]?.kill();
    answered.push(...(await exchange(pair, `between-${round}`, 20)));
    await pair.restart(round % 2);
  }
  await server.stop();
  answered.push(...(await exchange(pair, 'without-database', 40)));
  await server.start();
  answered.push(...(await exchange(pair, 'after', 20)));
  await pair.proxy.stop();
  for (const gateway of pair.gateways) assert.equal(await gateway.stop(), 0, gateway.stderr);
  // Whoever was without a database at the end brings its journal in when it comes again.
  const store = await openPostgresStore({ ...settings, connectionsMax: 2 });
  assert.ok(store.ok, JSON.stringify(store));
  t.after(() => store.value.close());
  const { told, chains, signed } = await until('everything in the ledger', 20_000, () =>
    readStore(store.value.ledger, join(pair.site.folder, 'hosts/gateway-1')),
  );
  const callIds = told
    .filter(({ record }) => record.type === 'message-admitted')
    .toSorted((one, other) => one.entry.seq - other.entry.seq)
    .map(({ record }) => record.fields.callId);
  assert.ok(answered.length >= 200, `${answered.length} answered`);
  const missing = answered.filter((callId) => !callIds.includes(callId));
  assert.deepEqual(missing, []);
  assert.equal(new Set(callIds).size, callIds.length);
  for (const [source, { faults }] of chains) assert.deepEqual(faults, [], source);
  assert.equal(signed.size, told.length);
  await pair.stop();
});
