import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { createKeyPair, readSigningKey } from '@sallyport/certs/key-pair.ts';

describe('key pair', () => {
  for (const [kind, type] of [
    ['ec-p256', 'ec'],
    ['rsa-2048', 'rsa'],
    ['rsa-3072', 'rsa'],
    ['ml-dsa-44', 'ml-dsa-44'],
    ['ml-dsa-65', 'ml-dsa-65'],
    ['ml-dsa-87', 'ml-dsa-87'],
  ] as const) {
    it(`${kind} is written as PKCS#8 and read back as a signing key`, async () => {
      const pair = await createKeyPair(kind);
      assert.match(pair.privateKeyPem, /^-----BEGIN PRIVATE KEY-----\n/);
      assert.equal(createPrivateKey(pair.privateKeyPem).asymmetricKeyType, type);
      assert.equal(readSigningKey(pair.privateKeyPem).kind, kind);
    });
  }

  it('refuses text that is no key', () => {
    assert.throws(() => readSigningKey('not a key'));
  });

  it('refuses a key that cannot sign certificates', () => {
    const { privateKey } = generateKeyPairSync('x25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    assert.throws(() => readSigningKey(pem));
  });
});
