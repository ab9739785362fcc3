import assert from 'node:assert/strict';
import {
  constants,
  generateKeyPairSync,
  hash,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto';
import { describe, it } from 'node:test';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { isSignedBy } from '@sallyport/shared/x509/certificate-signature.ts';
import {
  algorithm,
  buildCertificate,
  der,
  ecKey,
  integer,
  rsaKey,
  sequence,
  type TestKey,
  testKey,
} from '../../x509-builder.ts';

type Sign = (tbs: Buffer, key: KeyObject) => Buffer;
interface Kind {
  readonly key: TestKey;
  readonly algorithm: Buffer;
}

const NULL = der(0x05);
const SHA256 = Buffer.from('0609608648016503040201', 'hex');
const OCTETS = 256;
/** Where the BIT STRING begins in the SPKI of an RSA key of 2048 bits: behind two headers and its algorithm. */
const KEY_AT = 4 + 15;
/** Orders of P-256 (SEC 2 §2.4.2) and of Ed25519's base point (RFC 8032 §5.1). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const ec: Kind = { key: ecKey(), algorithm: algorithm('1.2.840.10045.4.3.2') };
const rsa: Kind = { key: rsaKey(2048), algorithm: algorithm('1.2.840.113549.1.1.11', NULL) };
const edwards: Kind = {
  key: testKey(generateKeyPairSync('ed25519')),
  algorithm: algorithm('1.3.101.112'),
};
const SHA256_NAMED = sequence(SHA256, NULL);
const SHA512_NAMED = algorithm('2.16.840.1.101.3.4.2.3', NULL);
const pss: Kind = { key: rsa.key, algorithm: pssAlgorithm(SHA256_NAMED, 32) };
/** The same key, whose owner signs with RSASSA-PSS alone, with this hash and no shorter salt (RFC 4055 §3.3). */
const pssOf = (named: Buffer, salt: number): Kind => ({
  key: {
    privateKey: rsa.key.privateKey,
    spki: sequence(pssAlgorithm(named, salt), rsa.key.spki.subarray(KEY_AT)),
  },
  algorithm: pss.algorithm,
});

describe('signatures that Wycheproof and others try', () => {
  const rows: readonly (readonly [kind: Kind, what: string, isSigned: boolean, make: Sign])[] = [
    [ec, 'as it is made', true, ecdsa((r, s) => pair(number(r), number(s)))],
    [ec, 's mirrored', true, ecdsa((r, s) => pair(number(r), number(P256_ORDER - s)))],
    [ec, 'r of zero', false, ecdsa((_, s) => pair(number(0n), number(s)))],
    [ec, 's of zero', false, ecdsa((r) => pair(number(r), number(0n)))],
    [ec, 'both of one', false, ecdsa(() => pair(number(1n), number(1n)))],
    [ec, 'r beyond the order', false, ecdsa((r, s) => pair(number(r + P256_ORDER), number(s)))],
    [ec, 's beyond the order', false, ecdsa((r, s) => pair(number(r), number(s + P256_ORDER)))],
    [ec, 'r as the order', false, ecdsa((_, s) => pair(number(P256_ORDER), number(s)))],
    [ec, 'r below zero', false, ecdsa((r, s) => pair(der(0x02, octetsOf(-r, 33)), number(s)))],
    [ec, 'r padded', false, ecdsa((r, s) => pair(der(0x02, octetsOf(r, 34)), number(s)))],
    [ec, 'a third number', false, ecdsa((r, s) => sequence(number(r), number(s), number(1n)))],
    [ec, 'one number', false, ecdsa((r) => sequence(number(r)))],
    [ec, 'no number', false, () => sequence()],
    [ec, 'a long length', false, ecdsa((r, s) => longer(pair(number(r), number(s))))],
    [ec, 'an indefinite length', false, ecdsa((r, s) => indefinite(pair(number(r), number(s))))],
    [ec, 'an octet behind it', false, ecdsa((r, s) => more(pair(number(r), number(s))))],
    [ec, 'r and s without DER', false, ecdsa((r, s) => raw(r, s))],
    [rsa, 'as it is made', true, padded((info) => info)],
    [rsa, 'no NULL beside the hash', false, padded((info) => without(info))],
    [rsa, 'no hash named', false, padded((info) => info.subarray(-32))],
    [rsa, 'a long length', false, padded((info) => longer(info))],
    [rsa, 'an octet behind the hash', false, padded((info) => more(info))],
    [rsa, 'seven octets of padding', false, short(8)],
    [rsa, 'eight octets of padding', false, short(9)],
    [rsa, 'block type 2', false, spoilt(1, 2)],
    [rsa, 'a leading octet', false, spoilt(0, 1)],
    [rsa, 'a hole in the padding', false, spoilt(20, 0xfe)],
    [rsa, 'a zero in the padding', false, spoilt(20, 0)],
    [rsa, 'an octet before it', false, (tbs, key) => before(padded((info) => info)(tbs, key))],
    [rsa, 'an octet less', false, (tbs, key) => sign('sha256', tbs, key).subarray(1)],
    [rsa, 'nothing', false, () => Buffer.alloc(0)],
    [rsa, 'zeros', false, () => Buffer.alloc(OCTETS)],
    [pss, 'as it is made', true, salted(32)],
    [pss, 'no salt', false, salted(0)],
    [pss, 'a salt of 20 octets', false, salted(20)],
    [pss, 'the longest salt', false, salted(constants.RSA_PSS_SALTLEN_MAX_SIGN)],
    [pssOf(SHA256_NAMED, 32), 'a key for this', true, salted(32)],
    [pssOf(SHA512_NAMED, 32), 'a key for another hash', false, salted(32)],
    [pssOf(SHA256_NAMED, 64), 'a key for longer salts', false, salted(32)],
    [edwards, 'as it is made', true, (tbs, key) => sign(null, tbs, key)],
    [edwards, 'S beyond the order', false, (tbs, key) => beyond(sign(null, tbs, key))],
    [edwards, 'an octet less', false, (tbs, key) => sign(null, tbs, key).subarray(1)],
    [edwards, 'an octet behind it', false, (tbs, key) => more(sign(null, tbs, key))],
    [edwards, 'zeros', false, () => Buffer.alloc(64)],
  ];
  for (const [{ key, algorithm: named }, what, isSigned, make] of rows) {
    const kind = key.privateKey.asymmetricKeyType;
    it(`${kind}, ${what}: ${isSigned ? 'verified' : 'refused'}`, () => {
      const issuer = parsed({ subject: 'CN=issuer', key });
      const by = { subject: 'CN=issuer', key };
      const leaf = { subject: 'CN=leaf', key: ecKey(), issuer: by };
      const signed = parsed({ ...leaf, innerAlgorithm: named, signTbs: make });
      assert.equal(isSignedBy(signed, issuer), isSigned);
    });
  }
});

function parsed(draft: Parameters<typeof buildCertificate>[0]) {
  const selfSigned = { innerAlgorithm: ec.algorithm, signTbs: () => Buffer.alloc(0) };
  const certificate = parseCertificate(buildCertificate({ ...selfSigned, ...draft }));
  assert.ok(certificate.ok);
  return certificate.value;
}

/** A signature of P-256 put together anew from its two numbers. */
function ecdsa(write: (r: bigint, s: bigint) => Buffer): Sign {
  return (tbs, key) => {
    const both = sign('sha256', tbs, { key, dsaEncoding: 'ieee-p1363' }).toString('hex');
    return write(BigInt(`0x${both.slice(0, 64)}`), BigInt(`0x${both.slice(64)}`));
  };
}

function octetsOf(value: bigint, length: number): Buffer {
  return Buffer.from(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  );
}

/** An INTEGER that is not negative, as short as may be. */
function number(value: bigint): Buffer {
  return der(0x02, octetsOf(value, Math.floor(value.toString(2).length / 8) + 1));
}

function pair(r: Buffer, s: Buffer): Buffer {
  return sequence(r, s);
}

function raw(r: bigint, s: bigint): Buffer {
  return Buffer.concat([octetsOf(r, 32), octetsOf(s, 32)]);
}

/** The length in one octet more than it needs. */
function longer(element: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x30, 0x81, element.length - 2), element.subarray(2)]);
}

function indefinite(element: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x30, 0x80), element.subarray(2), Buffer.alloc(2)]);
}

function more(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(1)]);
}

function before(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(1), bytes]);
}

/** EMSA-PKCS1-v1_5 with another DigestInfo (RFC 8017 §9.2). */
function padded(change: (info: Buffer) => Buffer): Sign {
  return (tbs, key) => {
    const info = change(digestInfo(tbs));
    return encrypted(key, block(info, OCTETS - info.length - 3));
  };
}

function digestInfo(tbs: Buffer): Buffer {
  return sequence(sequence(SHA256, NULL), der(0x04, hash('sha256', tbs, 'buffer')));
}

function without(info: Buffer): Buffer {
  return sequence(sequence(SHA256), info.subarray(-34));
}

/** So little padding that something may stand behind the hash, as forgeries for small exponents need. */
function short(zeroAt: number): Sign {
  return (tbs, key) => {
    const start = block(digestInfo(tbs), zeroAt - 1);
    return encrypted(key, Buffer.concat([start, Buffer.alloc(OCTETS - start.length, 7)]));
  };
}

function spoilt(at: number, octet: number): Sign {
  return (tbs, key) => {
    const info = digestInfo(tbs);
    const whole = block(info, OCTETS - info.length - 3);
    whole[at] = octet;
    return encrypted(key, whole);
  };
}

function block(info: Buffer, padding: number): Buffer {
  return Buffer.concat([Buffer.of(0, 1), Buffer.alloc(padding, 0xff), Buffer.of(0), info]);
}

function encrypted(key: KeyObject, bytes: Buffer): Buffer {
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, bytes);
}

function pssAlgorithm(named: Buffer, salt: number): Buffer {
  const mask = algorithm('1.2.840.113549.1.1.8', named);
  return algorithm(
    '1.2.840.113549.1.1.10',
    sequence(der(0xa0, named), der(0xa1, mask), der(0xa2, integer(salt))),
  );
}

function salted(saltLength: number): Sign {
  return (tbs, key) =>
    sign('sha256', tbs, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

/** The same S modulo the order of the base point (RFC 8032 §5.1.7). */
function beyond(signature: Buffer): Buffer {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`);
  return Buffer.concat([signature.subarray(0, 32), octetsOf(s + ED25519_ORDER, 32).reverse()]);
}
