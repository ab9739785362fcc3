import assert from 'node:assert/strict';
import { createPublicKey, sign, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  createOperatorKey,
  openOperatorKey,
  operatorKeyFingerprint,
  PASSPHRASE_CHARS_MIN,
} from '@sallyport/certs/operator-key.ts';

const PASSPHRASE = 'twelve chars';
const MADE = createOperatorKey('ann', PASSPHRASE);
const FILES = MADE.ok ? MADE.value : assert.fail();

const rows: readonly (readonly [
  name: string,
  operator: string,
  passphrase: string,
  ok: boolean,
])[] = [
  ['with its passphrase', 'ann', PASSPHRASE, true],
  ['with another passphrase', 'ann', `${PASSPHRASE} `, false],
  ['under another name', 'bob', PASSPHRASE, false],
];

describe("operator's key", () => {
  for (const [name, operator, passphrase, isOpen] of rows) {
    it(`${name}: ${isOpen ? 'opens' : 'key-unreadable'}`, () => {
      const key = openOperatorKey(FILES.sealedPrivateKey, operator, passphrase);
      assert.equal(key.ok ? 'open' : key.error, isOpen ? 'open' : 'key-unreadable');
    });
  }

  it('signs what its public half verifies, and both have one fingerprint', () => {
    const key = openOperatorKey(FILES.sealedPrivateKey, 'ann', PASSPHRASE);
    assert.ok(key.ok);
    const signature = sign(null, Buffer.from('x'), key.value);
    assert.ok(verify(null, Buffer.from('x'), createPublicKey(FILES.publicKeyPem), signature));
    assert.equal(operatorKeyFingerprint(key.value), FILES.fingerprint);
  });

  it('is one line that names no passphrase', () => {
    assert.match(FILES.sealedPrivateKey, /^sallyport-sealed:v1:scrypt,\S+\n$/);
    assert.match(FILES.publicKeyPem, /^-----BEGIN PUBLIC KEY-----/);
  });

  it('needs a passphrase of twelve characters', () => {
    const made = createOperatorKey('ann', 'é'.repeat(PASSPHRASE_CHARS_MIN - 1));
    assert.deepEqual(made, { ok: false, error: 'passphrase-too-short' });
    assert.equal([...PASSPHRASE].length, PASSPHRASE_CHARS_MIN);
  });
});
