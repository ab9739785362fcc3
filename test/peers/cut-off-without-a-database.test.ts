import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Pair, startPair } from '../integration/support/pair.ts';
import { requestText } from '../integration/support/pair-message.ts';
import { needsPostgres, PostgresServer } from './support/postgres-server.ts';

const { skip } = needsPostgres();

/** Both gateways read their files again; resolves when each has said what came of it. */
async function reload({ gateways }: Pair, event: 'reloaded' | 'site-refused'): Promise<void> {
  await Promise.all(
    gateways.map((gateway) => {
      const told = gateway.line(event, () => true, gateway.lines.length);
      gateway.child.kill('SIGHUP');
      return told;
    }),
  );
}

it('a partner is cut off while the database is away, stays so when it is back, and comes in again', {
  skip,
}, async (t) => {
  const server = await PostgresServer.open();
  t.after(() => server.close());
  const database = {
    kind: 'postgresql',
    host: server.socketFolder,
    port: server.port,
    database: server.freshDatabase(),
    user: 'sallyport',
    tls: 'off',
  };
  const pair = await startPair(t, { gateways: 2, database });
  const rewrite = (severedPartners: readonly string[]) => {
    for (const node of ['gateway-1', 'gateway-2']) {
      pair.site.rewriteGateway(node, (file) => ({ ...file, severedPartners }));
    }
  };
  const partner = await pair.partner();
  assert.equal((await partner.ask(requestText('MESSAGE'))).status, 200);
  await server.stop();
  rewrite(['globex']);
  await reload(pair, 'site-refused');
  await partner.closed();

  await server.start();
  await reload(pair, 'reloaded');
  const again = await pair.partner();
  await again.closed();

  rewrite([]);
  const { proxy } = pair;
  const known = proxy.line('snapshot-in-use', ({ partners }) => partners === 2, proxy.lines.length);
  await reload(pair, 'reloaded');
  await known;
  const back = await pair.partner();
  assert.equal((await back.ask(requestText('MESSAGE', { callId: 'back' }))).status, 200);
  back.end();
  await pair.stop();
});
