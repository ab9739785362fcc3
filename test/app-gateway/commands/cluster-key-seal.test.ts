import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterKeySeal } from '@sallyport/app-gateway/commands/cluster-key-seal.ts';

describe('seal of private keys by the cluster key', () => {
  const seal = clusterKeySeal(Buffer.alloc(32, 1));
  const sealed = seal.seal('private key', 'main/k1');

  it('opens at every gateway of the site, and shows nothing of the key', () => {
    assert.doesNotMatch(sealed, /private key/);
    const there = clusterKeySeal(Buffer.alloc(32, 1));
    assert.deepEqual(there.open(sealed, 'main/k1'), { ok: true, value: 'private key' });
  });

  for (const [what, open] of [
    ['another label', () => seal.open(sealed, 'main/k2')],
    ['another site', () => clusterKeySeal(Buffer.alloc(32, 2)).open(sealed, 'main/k1')],
    ['a text that was cut', () => seal.open(sealed.slice(0, -4), 'main/k1')],
  ] as const) {
    it(`does not open under ${what}`, () => {
      assert.deepEqual(open(), { ok: false, error: 'key-unreadable' });
    });
  }
});
