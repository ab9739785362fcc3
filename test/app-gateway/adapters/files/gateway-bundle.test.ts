import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  readGatewayBundle,
  remedyOf,
} from '@sallyport/app-gateway/adapters/files/gateway-bundle.ts';
import { witnessesJson } from '@sallyport/app-gateway/cli/bundle/witness-keys.ts';
import { createSnapshotSigningKey } from '@sallyport/certs/snapshot-signing-key.ts';

describe('the bundle of a gateway', () => {
  let folder = '';
  const witnessPem = createSnapshotSigningKey().privateKeyPem;
  const files: Record<string, string> = {
    'gateway.json': '{"site":"acme","node":"gateway-1"}',
    'cluster.key': `${Buffer.alloc(32, 5).toString('base64')}\n`,
    'channel.crt': 'certificate',
    'channel.key': 'key',
    'channel-ca.crt': 'authority',
    'snapshot-signing.key': createSnapshotSigningKey().privateKeyPem,
    'witness.key': witnessPem,
    'witnesses.json': witnessesJson(new Map([['gateway-1', witnessPem]])),
  };
  const restore = () =>
    Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gateway-bundle-'));
    await restore();
  });
  after(() => rm(folder, { recursive: true }));

  it('is read whole', () => {
    const bundle = readGatewayBundle(folder);
    assert.ok(bundle.ok);
    const { site, node, clusterKey, channel, snapshotSigningKey } = bundle.value;
    assert.deepEqual([site, node], ['acme', 'gateway-1']);
    assert.deepEqual(clusterKey, Buffer.alloc(32, 5));
    assert.deepEqual(channel, { certificatePem: 'certificate', keyPem: 'key', caPem: 'authority' });
    assert.equal(snapshotSigningKey.asymmetricKeyType, 'ed25519');
  });

  it('asks for other rights where it may not be read, and for another bundle where it is wrong', () => {
    const denied = Object.assign(new Error('permission denied'), { code: 'EACCES' });
    assert.match(remedyOf(denied), /must be able to read it: see to owner and mode/);
    assert.match(remedyOf(new Error('no key')), /write the bundle anew/);
  });

  it('knows what every node’s seals are proved with', () => {
    const bundle = readGatewayBundle(folder);
    assert.ok(bundle.ok);
    const { witness } = bundle.value;
    const own = witness?.publicKeys.get('gateway-1');
    assert.ok(witness !== undefined && own?.equals(createPublicKey(witness.privateKey)));
  });

  it('knows what proves the seals of hosts that are no longer of the site', async () => {
    const former = {
      'edge-9': { key: Buffer.alloc(32, 9).toString('base64'), since: '2026-11-21' },
    };
    await writeFile(join(folder, 'former-witnesses.json'), JSON.stringify(former));
    const bundle = readGatewayBundle(folder);
    await rm(join(folder, 'former-witnesses.json'));
    assert.ok(bundle.ok);
    assert.deepEqual(bundle.value.witness?.former, former);
    assert.equal(bundle.value.witness.publicKeys.has('edge-9'), false, 'its word counts no more');
    const before = readGatewayBundle(folder);
    assert.deepEqual(before.ok && before.value.witness?.former, {});
  });

  it('of before there were witness keys is read without', async () => {
    await rm(join(folder, 'witness.key'));
    const bundle = readGatewayBundle(folder);
    await restore();
    assert.ok(bundle.ok);
    assert.equal(bundle.value.witness, undefined);
  });

  const rows: readonly (readonly [string, string | undefined, RegExp])[] = [
    ['gateway.json', '{"site":"acme"}', /gateway\.json: .*node/s],
    ['gateway.json', '{"site":"acme","node":"a","extra":1}', /gateway\.json: .*extra/s],
    ['gateway.json', '{', /write the bundle anew/],
    ['cluster.key', Buffer.alloc(31).toString('base64'), /cluster\.key: must hold 32 bytes/],
    ['snapshot-signing.key', 'no key', /write the bundle anew/],
    ['witness.key', 'no key', /write the bundle anew/],
    ['witnesses.json', undefined, /witnesses\.json.*write the bundle anew/],
    ['witnesses.json', '[]', /write the bundle anew/],
    ['witnesses.json', '{"edge-1":"AAAA"}', /the key of edge-1; write the bundle anew/],
    ['former-witnesses.json', '{"edge-9":{}}', /write the bundle anew/],
    ['channel-ca.crt', undefined, /channel-ca\.crt.*write the bundle anew/],
  ];
  for (const [name, text, problem] of rows) {
    it(`says what is wrong with ${name}: ${problem.source}`, async () => {
      if (text === undefined) await rm(join(folder, name));
      else await writeFile(join(folder, name), text);
      const bundle = readGatewayBundle(folder);
      await restore();
      assert.equal(bundle.ok, false);
      assert.match(bundle.error, problem);
    });
  }
});
