import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { witnessesJson, witnessKeys } from '@sallyport/app-gateway/cli/witness-keys.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';

describe('witness keys of a site', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'witness-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are made once for each host, for nobody else to read', async () => {
    const first = await witnessKeys(folder, ['edge-1', 'gateway-1']);
    assert.deepEqual(readdirSync(join(folder, 'keys')).sort(), [
      'witness-edge-1.key',
      'witness-gateway-1.key',
    ]);
    assert.equal(statSync(join(folder, 'keys', 'witness-edge-1.key')).mode & 0o777, 0o600);
    const second = await witnessKeys(folder, ['edge-1', 'edge-2', 'gateway-1']);
    assert.equal(second.get('edge-1'), first.get('edge-1'));
    assert.equal(second.get('gateway-1'), first.get('gateway-1'));
    assert.equal(new Set(second.values()).size, 3);
  });

  it('are told to gateways by their public halves alone', async () => {
    const keys = await witnessKeys(folder, ['edge-1', 'gateway-1']);
    const told = JSON.parse(witnessesJson(keys)) as Record<string, string>;
    assert.deepEqual(Object.keys(told), ['edge-1', 'gateway-1']);
    const key = createPrivateKey(keys.get('edge-1') ?? '');
    assert.equal(key.asymmetricKeyType, 'ed25519');
    assert.equal(told['edge-1'], rawPublicKey(createPublicKey(key)).toString('base64'));
  });
});
