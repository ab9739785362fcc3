import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { signatureAlgorithm } from '@sallyport/shared/x509/signature-algorithm.ts';
import { algorithm, der, integer } from '../../x509-builder.ts';

const NULL = der(0x05);
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHA384 = '2.16.840.1.101.3.4.2.2';
const SHA1 = '1.3.14.3.2.26';
const MGF1 = '1.2.840.113549.1.1.8';
const PSS = '1.2.840.113549.1.1.10';
const pss = (hash: string, mask: string, salt: number, ...more: Buffer[]) =>
  algorithm(
    PSS,
    der(
      0x30,
      der(0xa0, algorithm(hash, NULL)),
      der(0xa1, algorithm(MGF1, algorithm(mask, NULL))),
      der(0xa2, integer(salt)),
      ...more,
    ),
  );

/** One member of the parameters holds more than it should. */
const behind = (member: number) => {
  const members: readonly (readonly [number, Buffer])[] = [
    [0xa0, algorithm(SHA256, NULL)],
    [0xa1, algorithm(MGF1, algorithm(SHA256, NULL))],
    [0xa2, integer(32)],
    [0xa3, integer(1)],
  ];
  const written = members.map(([tag, value]) => der(tag, value, ...(tag === member ? [NULL] : [])));
  return algorithm(PSS, der(0x30, ...written));
};

const table: readonly (readonly [string, Buffer, string | undefined])[] = [
  ['RSA with SHA-256', algorithm('1.2.840.113549.1.1.11', NULL), 'rsa-pkcs1 sha256'],
  ['RSA with SHA-384', algorithm('1.2.840.113549.1.1.12', NULL), 'rsa-pkcs1 sha384'],
  ['RSA with SHA-512', algorithm('1.2.840.113549.1.1.13', NULL), 'rsa-pkcs1 sha512'],
  ['RSA without parameters', algorithm('1.2.840.113549.1.1.11'), 'rsa-pkcs1 sha256'],
  ['RSA with odd parameters', algorithm('1.2.840.113549.1.1.11', integer(1)), undefined],
  ['RSA with SHA-1', algorithm('1.2.840.113549.1.1.5', NULL), undefined],
  ['RSA with MD5', algorithm('1.2.840.113549.1.1.4', NULL), undefined],
  ['RSA with SHA-224', algorithm('1.2.840.113549.1.1.14', NULL), undefined],
  ['ECDSA with SHA-256', algorithm('1.2.840.10045.4.3.2'), 'ecdsa sha256'],
  ['ECDSA with SHA-384', algorithm('1.2.840.10045.4.3.3'), 'ecdsa sha384'],
  ['ECDSA with SHA-512', algorithm('1.2.840.10045.4.3.4'), 'ecdsa sha512'],
  ['ECDSA with parameters', algorithm('1.2.840.10045.4.3.2', NULL), undefined],
  ['ECDSA with SHA-1', algorithm('1.2.840.10045.4.1'), undefined],
  ['DSA with SHA-256', algorithm('2.16.840.1.101.3.4.3.2'), undefined],
  ['Ed25519', algorithm('1.3.101.112'), 'ed25519 undefined'],
  ['Ed25519 with parameters', algorithm('1.3.101.112', NULL), undefined],
  ['ML-DSA-44', algorithm('2.16.840.1.101.3.4.3.17'), 'ml-dsa-44 undefined'],
  ['ML-DSA-65', algorithm('2.16.840.1.101.3.4.3.18'), 'ml-dsa-65 undefined'],
  ['ML-DSA-87', algorithm('2.16.840.1.101.3.4.3.19'), 'ml-dsa-87 undefined'],
  ['ML-DSA-65 with parameters', algorithm('2.16.840.1.101.3.4.3.18', NULL), undefined],
  ['HashML-DSA-65 with SHA-512', algorithm('2.16.840.1.101.3.4.3.33'), undefined],
  ['SLH-DSA-SHA2-128s', algorithm('2.16.840.1.101.3.4.3.20'), undefined],
  ['ML-DSA-65 with P-256', algorithm('1.3.6.1.5.5.7.6.45'), undefined],
  ['PSS with SHA-256', pss(SHA256, SHA256, 32), 'rsa-pss sha256'],
  ['PSS with SHA-384', pss(SHA384, SHA384, 48), 'rsa-pss sha384'],
  [
    'PSS with its trailer written out',
    pss(SHA256, SHA256, 32, der(0xa3, integer(1))),
    'rsa-pss sha256',
  ],
  ['PSS with another trailer', pss(SHA256, SHA256, 32, der(0xa3, integer(2))), undefined],
  ['PSS with two hashes', pss(SHA256, SHA384, 32), undefined],
  ['PSS with a short salt', pss(SHA256, SHA256, 20), undefined],
  ['PSS with something behind its hash', behind(0xa0), undefined],
  ['PSS with something behind its mask', behind(0xa1), undefined],
  ['PSS with something behind its salt', behind(0xa2), undefined],
  ['PSS with something behind its trailer', behind(0xa3), undefined],
  [
    'PSS with something behind its parameters',
    pss(SHA256, SHA256, 32, der(0xa3, integer(1)), der(0x05)),
    undefined,
  ],
  ['PSS with SHA-1', pss(SHA1, SHA1, 20), undefined],
  ['PSS with its defaults, which are SHA-1', algorithm(PSS, der(0x30)), undefined],
  ['PSS without parameters', algorithm(PSS), undefined],
  ['nothing', Buffer.alloc(0), undefined],
];

describe('signature algorithms', () => {
  for (const [name, der_, expected] of table) {
    it(`${name}: ${expected ?? 'refused'}`, () => {
      const known = signatureAlgorithm(der_);
      assert.equal(known && `${known.scheme} ${known.hash}`, expected);
    });
  }
});
