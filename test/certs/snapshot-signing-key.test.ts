import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { createSnapshotSigningKey } from '@sallyport/certs/snapshot-signing-key.ts';

describe('snapshot-signing key', () => {
  it('signs with the private half what the public half verifies', () => {
    const key = createSnapshotSigningKey();
    const content = Buffer.from('content');
    const signature = sign(null, content, createPrivateKey(key.privateKeyPem));
    assert.equal(verify(null, content, createPublicKey(key.publicKeyPem), signature), true);
    assert.equal(signature.length, 64);
  });
});
