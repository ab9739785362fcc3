import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { derivePkcs12Key, KeyPurpose, pkcs12Password } from '@sallyport/certs/pkcs12-key.ts';

//  password, salt, iterations, purpose, key: the examples that OpenSSL and Bouncy Castle test with
const rows = [
  ['smeg', '0a58cf64530d823f', 1, 'encryption', '8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3'],
  ['smeg', '0a58cf64530d823f', 1, 'initialVector', '79993dfe048d3b76'],
  ['smeg', '3d83c0e4546ac140', 1, 'mac', '8d967d88f6caa9d714800ab3d48051d63f73a312'],
  [
    'queeg',
    '05dec959acff72f7',
    1000,
    'encryption',
    'ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4',
  ],
  [
    'queeg',
    '1682c0fc5b3f7ec5',
    1000,
    'encryption',
    '483dd6e919d7de2e8e648ba8f862f3fbfbdc2bcb2c02957f',
  ],
  ['queeg', '263216fcc2fab31c', 1000, 'mac', '5ec4c7a80df652294c3925b6489a7ab857c83476'],
] as const;

describe('key derivation of PKCS#12 (RFC 7292 §B.2)', () => {
  for (const [password, salt, iterations, purpose, key] of rows) {
    it(`${password} ${salt} ${iterations} ${purpose}`, () => {
      const made = derivePkcs12Key(pkcs12Password(password), {
        hash: 'sha1',
        purpose: KeyPurpose[purpose],
        salt: Buffer.from(salt, 'hex'),
        iterations,
        octets: key.length / 2,
      });
      assert.equal(made.toString('hex'), key);
    });
  }

  it('takes a password as UTF-16 with a zero at its end (§B.1)', () => {
    assert.equal(pkcs12Password('B€').toString('hex'), '004220ac0000');
    assert.equal(pkcs12Password('').toString('hex'), '0000');
  });
});
