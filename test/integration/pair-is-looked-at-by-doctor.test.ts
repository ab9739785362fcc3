import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { askHealth } from '@sallyport/app-gateway/adapters/host/ask-health.ts';
import { askTime } from '@sallyport/app-gateway/adapters/host/ask-time.ts';
import { localAddresses, localSystem } from '@sallyport/app-gateway/adapters/host/local-system.ts';
import { shownCertificate } from '@sallyport/app-gateway/adapters/host/shown-certificate.ts';
import { doctorHost } from '@sallyport/app-gateway/cli/doctor/doctor-host.ts';
import type { Finding } from '@sallyport/app-gateway/doctor/finding.ts';
import { surroundingsOf } from '../app-gateway/cli/test-surroundings.ts';
import { startPair, untilHealth } from './support/pair.ts';

const WORKERS = 2;
const DOWN_MS = 15_000;

/** This machine, but for the DNS: nothing leaves it. */
const machine = {
  system: localSystem,
  addresses: localAddresses,
  askHealth,
  askNames: () => Promise.resolve([]),
  askTime,
  shownCertificate,
};

async function looked(bundle: string): Promise<(id: string) => readonly string[]> {
  const surroundings = surroundingsOf(bundle, { nowMs: Date.now });
  const { json } = await doctorHost({ bundle }, surroundings, machine);
  const { findings } = json['answer'] as { readonly findings: readonly Finding[] };
  return (id) => findings.filter((finding) => finding.id === id).map(({ level }) => level);
}

it('doctor sees a pair that runs, worker by worker, and what is missing when its gateway is gone', async (t) => {
  const pair = await startPair(t, { workers: WORKERS });
  const bundle = (node: string) => join(pair.site.folder, 'hosts', node);
  const proxy = await looked(bundle('edge-1'));
  assert.deepEqual(proxy('program'), ['ok']);
  assert.deepEqual(proxy('permission-model'), ['ok', 'ok']);
  // Partners, health, and the channel of each worker.
  assert.deepEqual(proxy('port'), ['ok', 'ok', 'ok', 'ok']);
  assert.deepEqual(proxy('channel'), ['ok', 'ok']);
  assert.deepEqual(proxy('channel-clock'), ['ok'], 'of the worker that answered');
  for (const id of [
    'health',
    'channel-certificate',
    'shown-certificate',
    'keys-closed',
    'writable',
  ]) {
    assert.deepEqual(proxy(id), ['ok'], id);
  }
  const gateway = await looked(bundle('gateway-1'));
  assert.deepEqual(gateway('program'), ['ok']);
  assert.deepEqual(gateway('port'), ['ok', 'ok']);
  assert.deepEqual(gateway('channel'), ['ok', 'ok']);
  assert.deepEqual(gateway('channel-clock'), ['ok', 'ok']);
  assert.deepEqual(gateway('health'), ['ok']);

  await pair.gateways[0]?.stop();
  await untilHealth(pair.site.proxyHealthPort, ({ status }) => status === 'down', DOWN_MS);
  const alone = await looked(bundle('edge-1'));
  assert.deepEqual(alone('channel'), ['fault', 'fault']);
  assert.deepEqual(alone('channel-clock'), []);
  assert.deepEqual(alone('health'), ['fault']);
  const gone = await looked(bundle('gateway-1'));
  assert.deepEqual(gone('program'), ['unknown']);
  assert.deepEqual(gone('port'), ['ok', 'ok'], 'its ports are free');
  await pair.stop();
});
