import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startPair } from './support/pair.ts';
import { Traffic } from './support/pair-traffic.ts';

const ABREAST = 8;

it('two gateways that are restarted one after the other under traffic lose not one request of a partner', async (t) => {
  const pair = await startPair(t, { gateways: 2 });
  const partner = await pair.partner();
  const running = new Traffic(partner, ABREAST, { restMs: 5 });
  for (const at of [0, 1]) {
    assert.equal(await pair.gateways[at]?.stop(), 0);
    await pair.restart(at);
  }
  const statuses = await running.stop();
  t.diagnostic(`${statuses.get(200)} messages meanwhile`);
  assert.deepEqual([...statuses.keys()], [200]);
  partner.end();
  await pair.stop();
});
