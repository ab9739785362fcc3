import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { isSignedBy } from '@sallyport/shared/x509/certificate-signature.ts';
import {
  algorithm,
  bitString,
  buildCertificate,
  der,
  ecKey,
  integer,
  mlDsaKey,
  rsaKey,
  sequence,
  type TestKey,
  testKey,
} from '../../x509-builder.ts';

const NULL = der(0x05);
const rsa = rsaKey(2048);
const ed25519 = testKey(generateKeyPairSync('ed25519'));
const pssKey = testKey(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }));
const SHA256 = algorithm('2.16.840.1.101.3.4.2.1', NULL);
const pss = algorithm(
  '1.2.840.113549.1.1.10',
  sequence(
    der(0xa0, SHA256),
    der(0xa1, algorithm('1.2.840.113549.1.1.8', SHA256)),
    der(0xa2, integer(32)),
  ),
);
type Sign = (tbs: Buffer, key: KeyObject) => Buffer;
const by =
  (hash: string | null): Sign =>
  (tbs, key) =>
    sign(hash, tbs, key);
const byPss: Sign = (tbs, key) =>
  sign('sha256', tbs, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
const mlDsa = (arc: string) => algorithm(`2.16.840.1.101.3.4.3.${arc}`);
/** Certificates are signed in the empty context (RFC 9881 §3). */
const inContext: Sign = (tbs, key) => sign(null, tbs, { key, context: Buffer.from('x') });
const cutShort: Sign = (tbs, key) => sign(null, tbs, key).subarray(1);

const table: readonly (readonly [string, TestKey, Buffer, Sign, boolean])[] = [
  ['RSA SHA-256', rsa, algorithm('1.2.840.113549.1.1.11', NULL), by('sha256'), true],
  ['RSA SHA-384', rsa, algorithm('1.2.840.113549.1.1.12', NULL), by('sha384'), true],
  ['RSA SHA-512', rsa, algorithm('1.2.840.113549.1.1.13', NULL), by('sha512'), true],
  ['RSA SHA-256 named SHA-512', rsa, algorithm('1.2.840.113549.1.1.13', NULL), by('sha256'), false],
  ['RSA SHA-1', rsa, algorithm('1.2.840.113549.1.1.5', NULL), by('sha1'), false],
  ['RSA-PSS by an RSA key', rsa, pss, byPss, true],
  ['RSA-PSS by a PSS key', pssKey, pss, byPss, true],
  ['PKCS #1 padding named PSS', rsa, pss, by('sha256'), false],
  ['PSS padding named PKCS #1', rsa, algorithm('1.2.840.113549.1.1.11', NULL), byPss, false],
  ['P-256', ecKey(), algorithm('1.2.840.10045.4.3.2'), by('sha256'), true],
  ['P-384', ecKey('P-384'), algorithm('1.2.840.10045.4.3.3'), by('sha384'), true],
  ['P-521', ecKey('P-521'), algorithm('1.2.840.10045.4.3.4'), by('sha512'), true],
  ['P-224', ecKey('secp224r1'), algorithm('1.2.840.10045.4.3.2'), by('sha256'), false],
  ['Ed25519', ed25519, algorithm('1.3.101.112'), by(null), true],
  ['ECDSA named Ed25519', ecKey(), algorithm('1.3.101.112'), by('sha256'), false],
  ['Ed25519 named ECDSA', ed25519, algorithm('1.2.840.10045.4.3.2'), by(null), false],
  ['ML-DSA-44', mlDsaKey('ml-dsa-44'), mlDsa('17'), by(null), true],
  ['ML-DSA-65', mlDsaKey('ml-dsa-65'), mlDsa('18'), by(null), true],
  ['ML-DSA-87', mlDsaKey('ml-dsa-87'), mlDsa('19'), by(null), true],
  ['ML-DSA-65 named ML-DSA-87', mlDsaKey('ml-dsa-65'), mlDsa('19'), by(null), false],
  ['ML-DSA-65 with a context', mlDsaKey('ml-dsa-65'), mlDsa('18'), inContext, false],
  ['ML-DSA-65 cut short', mlDsaKey('ml-dsa-65'), mlDsa('18'), cutShort, false],
  ['ECDSA named ML-DSA-65', ecKey(), mlDsa('18'), by('sha256'), false],
  ['ML-DSA-65 named Ed25519', mlDsaKey('ml-dsa-65'), algorithm('1.3.101.112'), by(null), false],
  ['an empty signature', ecKey(), algorithm('1.2.840.10045.4.3.2'), () => Buffer.alloc(0), false],
];

describe('signatures of certificates', () => {
  for (const [name, key, innerAlgorithm, signTbs, isSigned] of table) {
    it(`${name}: ${isSigned ? 'verified' : 'refused'}`, () => {
      const certificate = parsed(
        buildCertificate({ subject: 'CN=x', key, innerAlgorithm, signTbs }),
      );
      assert.equal(isSignedBy(certificate, certificate), isSigned);
    });
  }

  it('another key of the same kind is refused', () => {
    const certificate = parsed(buildCertificate({ subject: 'CN=x', key: ecKey() }));
    assert.equal(
      isSignedBy(certificate, parsed(buildCertificate({ subject: 'CN=x', key: ecKey() }))),
      false,
    );
  });

  it('a key off its curve is refused without a throw', () => {
    const point = Buffer.alloc(65, 7);
    point[0] = 4;
    const spki = sequence(
      algorithm('1.2.840.10045.2.1', der(0x06, Buffer.from('2a8648ce3d030107', 'hex'))),
      bitString(point),
    );
    const key = ecKey();
    const issuer = parsed(
      buildCertificate({
        subject: 'CN=x',
        key: { ...key, spki },
        issuer: { subject: 'CN=x', key },
      }),
    );
    assert.equal(isSignedBy(issuer, issuer), false);
  });
});

function parsed(bytes: Buffer) {
  const certificate = parseCertificate(bytes);
  assert.ok(certificate.ok);
  return certificate.value;
}
