import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  type KeyStrength,
  weakestKey,
} from '@sallyport/app-gateway/posture/public-key-strength.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import {
  buildCertificate,
  ecKey,
  mlDsaKey,
  rsaKey,
  type TestKey,
  testKey,
} from '../../x509-builder.ts';

function pem(key: TestKey): string {
  return encodePem(buildCertificate({ subject: 'test', key }), 'CERTIFICATE');
}

/** The signature is nobody's matter here: another key makes it. */
function ed25519(): TestKey {
  const { spki } = testKey(generateKeyPairSync('ed25519'));
  return { ...ecKey(), spki };
}

function mlDsa(): TestKey {
  return { ...ecKey(), spki: mlDsaKey('ml-dsa-44').spki };
}

//  key                                          strength
const table: readonly (readonly [string, () => string, KeyStrength])[] = [
  ['P-256', () => pem(ecKey('P-256')), 'strong'],
  ['P-521', () => pem(ecKey('P-521')), 'strong'],
  ['a curve for others, secp256k1', () => pem(ecKey('secp256k1')), 'weak'],
  ['Ed25519', () => pem(ed25519()), 'strong'],
  ['ML-DSA-44', () => pem(mlDsa()), 'strong'],
  ['RSA 3072', () => pem(rsaKey(3072)), 'strong'],
  ['RSA 3071', () => pem(rsaKey(3071)), 'ageing'],
  ['RSA 2048', () => pem(rsaKey(2048)), 'ageing'],
  ['RSA 2047', () => pem(rsaKey(2047)), 'weak'],
  ['a strong leaf below an ageing authority', () => pem(ecKey()) + pem(rsaKey(2048)), 'ageing'],
  ['a strong leaf below a weak authority', () => pem(ecKey()) + pem(rsaKey(1024)), 'weak'],
  ['no certificate', () => '', 'weak'],
  ['a broken certificate', () => encodePem(Buffer.from('broken'), 'CERTIFICATE'), 'weak'],
];

describe('strength of the keys of a chain', () => {
  for (const [key, chain, strength] of table) {
    it(`${key} is ${strength}`, () => assert.equal(weakestKey(chain()), strength));
  }
});
