import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FlowPool, transportAddress } from '@sallyport/dmz-proxy/flows/flow-pool.ts';
import { flowPair } from '../edge-fixture.ts';

const SILENT = {
  message: () => undefined,
  fatal: () => undefined,
  heard: () => undefined,
  closed: () => undefined,
};

it('a pool gives a live connection for exactly its key, and none that is to be avoided', async () => {
  const pool = new FlowPool();
  const { flow, pair } = await flowPair(SILENT);
  pool.add('globex acme globex.example', flow);
  assert.equal(pool.find('globex acme globex.example', []), flow);
  assert.equal(pool.find('globex other globex.example', []), undefined);
  const address = transportAddress('192.0.2.1', 4000);
  assert.equal(pool.find('globex acme globex.example', [address]), undefined);
  assert.equal(pool.find('globex acme globex.example', ['192.0.2.1:4001']), flow);
  const { ownKey } = flow.facts;
  assert.equal(pool.find('globex acme globex.example', [], ownKey), flow);
  assert.equal(pool.find('globex acme globex.example', [], `${ownKey}other`), undefined);
  flow.close('test');
  assert.equal(pool.find('globex acme globex.example', []), undefined);
  pool.remove(['globex acme globex.example', 'absent'], flow);
  pair.close();
});
