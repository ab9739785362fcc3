import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { it } from 'node:test';
import { openStateStore } from '@sallyport/app-gateway/adapters/database/open-state-store.ts';
import { readGatewayBundle } from '@sallyport/app-gateway/adapters/files/gateway-bundle.ts';
import { dayKeySeal } from '@sallyport/app-gateway/commands/cluster-key-seal.ts';
import { DayKeys } from '@sallyport/app-gateway/ledger/bodies/day-keys.ts';
import { bodyKeyOf, openBody } from '@sallyport/app-gateway/ledger/bodies/seal-body.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { startPair } from '../integration/support/pair.ts';
import { readLedger } from '../integration/support/pair-ledger.ts';
import { requestText } from '../integration/support/pair-message.ts';
import { EMBEDDED } from '../integration/support/pair-site.ts';

it('keeps the body of a message that a rule demands, for the auditor alone', async (t) => {
  const { privateKey } = generateKeyPairSync('x25519');
  const key = rawPublicKey(privateKey).toString('base64');
  const pair = await startPair(t, {
    database: EMBEDDED,
    audit: {
      bodies: {
        auditors: [{ name: 'anna', key }],
        rules: [{ name: 'all-of-globex', partner: 'globex' }],
      },
    },
  });
  const bundle = join(pair.site.folder, 'hosts/gateway-1');
  const partner = await pair.partner();
  const body = 'words for the record';
  const answer = await partner.ask(requestText('MESSAGE', { callId: 'recorded', body }));
  assert.equal(answer.status, 200);
  await pair.proxy.stop();
  await pair.gateways[0]?.stop();
  const { told, chains } = await readLedger(bundle);
  for (const [source, chain] of chains)
    assert.deepEqual(chain, { faults: [], unsealed: 0 }, source);
  const recorded = told.filter(({ record }) => record.type === 'body-recorded');
  assert.deepEqual(
    recorded.map(({ record }) => [record.fields.callId, record.fields.rule]),
    [['recorded', 'all-of-globex']],
  );
  const { sealedBodyHash = Buffer.alloc(0), day = '' } = recorded[0]?.record.fields ?? {};
  const opened = await openStateStore({ kind: 'embedded' }, bundle);
  const known = readGatewayBundle(bundle);
  assert.ok(opened.ok && known.ok);
  try {
    const store = opened.value.bodies;
    const seal = dayKeySeal(known.value.clusterKey);
    const random = (): never => assert.fail('the key is there');
    const dayKey = await new DayKeys({ store, seal, random }).find(day);
    const sealed = await store.body(sealedBodyHash);
    assert.ok(dayKey.ok && dayKey.value && sealed.ok && sealed.value);
    const read = openBody(
      sealed.value,
      privateKey,
      bodyKeyOf(sealed.value, dayKey.value) ?? Buffer.alloc(32),
    );
    assert.ok(read.ok);
    assert.equal(read.value.toString(), body);
  } finally {
    await opened.value.close();
  }
  await pair.stop();
});
