import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { publicKeyOfRaw, rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';

describe('raw public keys', () => {
  for (const [curve, pair] of [
    ['Ed25519', generateKeyPairSync('ed25519')],
    ['X25519', generateKeyPairSync('x25519')],
  ] as const) {
    it(`${curve}: the 32 bytes are the key, and those of its private half`, () => {
      const raw = rawPublicKey(pair.publicKey);
      assert.equal(raw.length, 32);
      assert.deepEqual(rawPublicKey(pair.privateKey), raw);
      assert.ok(publicKeyOfRaw(curve, raw).equals(pair.publicKey));
    });
  }

  it('there are none of another length or kind', () => {
    assert.throws(() => publicKeyOfRaw('Ed25519', Buffer.alloc(31)), RangeError);
    assert.throws(() => publicKeyOfRaw('Ed25519', Buffer.alloc(33)), RangeError);
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    assert.throws(() => rawPublicKey(publicKey), TypeError);
  });
});
