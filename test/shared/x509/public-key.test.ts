import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { DerReader } from '@sallyport/shared/x509/der-reader.ts';
import { isAcceptableKey, publicKeyInfo } from '@sallyport/shared/x509/public-key.ts';
import {
  algorithm,
  bitString,
  der,
  ecKey,
  mlDsaKey,
  oid,
  rsaKey,
  sequence,
  testKey,
} from '../../x509-builder.ts';

const RSA = algorithm('1.2.840.113549.1.1.1', der(0x05));
const modulus = (bits: number) => {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  bytes[0] = 0xff >> (bytes.length * 8 - bits);
  return der(0x02, (bytes[0] as number) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
};
const rsa = (bits: number, exponent = Buffer.from([1, 0, 1])) =>
  sequence(RSA, bitString(sequence(modulus(bits), der(0x02, exponent))));
const rsaWith = (...parameters: readonly Buffer[]) =>
  sequence(algorithm('1.2.840.113549.1.1.1', ...parameters), rsaKey(2048).spki.subarray(19));
const ed25519 = testKey(generateKeyPairSync('ed25519')).spki;
const ed448 = testKey(generateKeyPairSync('ed448')).spki;
const explicitCurve = sequence(
  algorithm('1.2.840.10045.2.1', sequence(der(0x02, Buffer.from([1])))),
  bitString(Buffer.alloc(65, 4)),
);

const P256 = algorithm('1.2.840.10045.2.1', oid('1.2.840.10045.3.1.7'));
const point = ecKey().spki.subarray(-64);
const ec = (form: number, coordinates: Buffer, parameters = P256) =>
  sequence(parameters, bitString(Buffer.concat([Buffer.from([form]), coordinates])));
const evenModulus = der(0x02, Buffer.concat([Buffer.from([0, 0xff]), Buffer.alloc(255, 8)]));
const mlDsa = (bytes: number, ...parameters: readonly Buffer[]) =>
  sequence(algorithm('2.16.840.1.101.3.4.3.18', ...parameters), bitString(Buffer.alloc(bytes, 1)));

const table: readonly (readonly [string, Buffer, string, boolean])[] = [
  ['a real RSA key', rsaKey(2048).spki, 'rsa 2048', true],
  ['RSA 2047', rsa(2047), 'rsa 2047', false],
  ['RSA 2048', rsa(2048), 'rsa 2048', true],
  ['RSA 2052', rsa(2052), 'rsa 2052', false],
  ['RSA 1024', rsa(1024), 'rsa 1024', false],
  ['RSA 8192', rsa(8192), 'rsa 8192', true],
  ['RSA 8200', rsa(8200), 'rsa 8200', false],
  ['RSA with exponent 3', rsa(2048, Buffer.from([3])), 'rsa 2048', true],
  ['RSA with exponent 1', rsa(2048, Buffer.from([1])), 'other 0', false],
  ['RSA with an even exponent', rsa(2048, Buffer.from([1, 0])), 'other 0', false],
  ['RSA with a negative exponent', rsa(2048, Buffer.from([0xfd])), 'other 0', false],
  ['RSA with an exponent of 9 octets', rsa(2048, Buffer.alloc(9, 1)), 'other 0', false],
  ['RSA without exponent', sequence(RSA, bitString(sequence(modulus(2048)))), 'other 0', false],
  [
    'RSA with an even modulus',
    sequence(RSA, bitString(sequence(evenModulus, der(0x02, Buffer.from([3]))))),
    'other 0',
    false,
  ],
  [
    'RSA without NULL',
    sequence(
      algorithm('1.2.840.113549.1.1.1'),
      bitString(sequence(modulus(2048), der(0x02, Buffer.from([3])))),
    ),
    'other 0',
    false,
  ],
  ['RSA with an octet in its NULL', rsaWith(der(0x05, Buffer.of(0))), 'other 0', false],
  ['RSA with something behind its NULL', rsaWith(der(0x05), der(0x05)), 'other 0', false],
  ['P-256', ecKey().spki, 'ec 256', true],
  ['P-256 compressed', ec(2, point.subarray(0, 32)), 'ec 256', true],
  ['P-256 in hybrid form', ec(6, point), 'ec 0', false],
  ['P-256 at infinity', ec(0, Buffer.alloc(0)), 'ec 0', false],
  ['P-256 cut short', ec(4, point.subarray(1)), 'ec 0', false],
  [
    'P-256 with something behind its curve',
    ec(4, point, algorithm('1.2.840.10045.2.1', oid('1.2.840.10045.3.1.7'), der(0x05))),
    'ec 0',
    false,
  ],
  ['P-384', ecKey('P-384').spki, 'ec 384', true],
  ['P-521', ecKey('P-521').spki, 'ec 521', true],
  ['P-192', ecKey('prime192v1').spki, 'ec 0', false],
  ['secp256k1', ecKey('secp256k1').spki, 'ec 0', false],
  ['a curve spelled out', explicitCurve, 'ec 0', false],
  ['Ed25519', ed25519, 'ed25519 256', true],
  [
    'Ed25519 with NULL',
    sequence(algorithm('1.3.101.112', der(0x05)), bitString(Buffer.alloc(32))),
    'other 0',
    false,
  ],
  ['Ed448', ed448, 'other 0', false],
  ['ML-DSA-44', mlDsaKey('ml-dsa-44').spki, 'ml-dsa-44 10496', true],
  ['ML-DSA-65', mlDsaKey('ml-dsa-65').spki, 'ml-dsa-65 15616', true],
  ['ML-DSA-87', mlDsaKey('ml-dsa-87').spki, 'ml-dsa-87 20736', true],
  ['ML-DSA-65 an octet short', mlDsa(1951), 'other 0', false],
  ['ML-DSA-65 an octet longer', mlDsa(1953), 'other 0', false],
  ['ML-DSA-65 as long as ML-DSA-87', mlDsa(2592), 'other 0', false],
  ['ML-DSA-65 with NULL', mlDsa(1952, der(0x05)), 'other 0', false],
  ['ML-DSA-65 with a curve', mlDsa(1952, oid('1.2.840.10045.3.1.7')), 'other 0', false],
  [
    'HashML-DSA-65',
    sequence(algorithm('2.16.840.1.101.3.4.3.33'), bitString(Buffer.alloc(1952, 1))),
    'other 0',
    false,
  ],
  ['SLH-DSA', testKey(generateKeyPairSync('slh-dsa-sha2-128s')).spki, 'other 0', false],
];

describe('public keys', () => {
  for (const [name, spki, expected, isAcceptable] of table) {
    it(`${name} is ${expected}, ${isAcceptable ? 'accepted' : 'refused'}`, () => {
      const reader = DerReader.over(spki);
      const info = publicKeyInfo(reader);
      assert.equal(reader.failed, false);
      assert.equal(`${info.type} ${info.bits}`, expected);
      assert.equal(isAcceptableKey(info), isAcceptable);
    });
  }
});
