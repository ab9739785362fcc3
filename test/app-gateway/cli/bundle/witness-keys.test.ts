import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  formerWitnesses,
  witnessesJson,
  witnessKeys,
} from '@sallyport/app-gateway/cli/bundle/witness-keys.ts';
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

  const DAY_1 = Date.UTC(2026, 10, 21, 23, 59);
  const former = async (nowMs: number, ...nodes: string[]) =>
    formerWitnesses(folder, await witnessKeys(folder, nodes), nowMs);

  it('of hosts that were taken out are kept by their public halves, with the day of it', async () => {
    assert.deepEqual(await former(DAY_1 - 1, 'edge-1', 'edge-2', 'gateway-1'), {});
    const told = JSON.parse(witnessesJson(await witnessKeys(folder, ['edge-1', 'edge-2']))) as {
      readonly 'edge-1': string;
      readonly 'edge-2': string;
    };
    const two = { 'edge-2': { key: told['edge-2'], since: '2026-11-21' } };
    assert.deepEqual(await former(DAY_1, 'edge-1', 'gateway-1'), two);
    // The day stays, whenever bundles are written anew, and without the private half.
    rmSync(join(folder, 'keys/witness-edge-2.key'));
    assert.deepEqual(await former(DAY_1 + 86_400_000, 'edge-1', 'gateway-1'), two);
    assert.deepEqual(await former(DAY_1 + 86_400_000, 'gateway-1'), {
      'edge-1': { key: told['edge-1'], since: '2026-11-22' },
      ...two,
    });
  });

  it('of a host that comes back is the one it had, or it may not come back under its name', async () => {
    await former(DAY_1, 'edge-1', 'edge-2');
    assert.deepEqual(Object.keys(await former(DAY_1, 'edge-1')), ['edge-2']);
    assert.deepEqual(await former(DAY_1, 'edge-1', 'edge-2'), {});
    await former(DAY_1, 'edge-1');
    rmSync(join(folder, 'keys/witness-edge-2.key'));
    await assert.rejects(
      former(DAY_1, 'edge-1', 'edge-2'),
      /edge-2 had another witness key before/,
    );
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
