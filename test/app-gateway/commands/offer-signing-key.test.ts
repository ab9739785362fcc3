import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { offerSigningKey } from '@sallyport/app-gateway/commands/offer-signing-key.ts';

describe('the key that signs offers', () => {
  it('is the same for one cluster key, another for another, and signs', () => {
    const pem = offerSigningKey(Buffer.alloc(32, 1));
    assert.equal(pem, offerSigningKey(Buffer.alloc(32, 1)));
    assert.notEqual(pem, offerSigningKey(Buffer.alloc(32, 2)));
    const text = Buffer.from('offer');
    const signature = sign(null, text, createPrivateKey(pem));
    assert.ok(verify(null, text, createPublicKey(pem), signature));
  });
});
