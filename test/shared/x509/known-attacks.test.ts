import assert from 'node:assert/strict';
import { createECDH, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import {
  algorithm,
  basicConstraints,
  bitString,
  der,
  ecKey,
  generalName,
  integer,
  oid,
  sequence,
  subjectAltName,
  subjectKeyId,
  type TestKey,
} from '../../x509-builder.ts';
import { authority, type Entity, endEntity, judge, MIDDLE, ROOT, root } from './path-stage.ts';

const DOMAIN = 'peer.example';
const OWN = ecKey();

/** What is shown to somebody who trusts the plain root, by one who has none of its keys but his own. */
function shown(leaf: Entity, ...intermediates: readonly Entity[]): string {
  return judge({ leaf, anchors: [root], intermediates, domain: DOMAIN });
}

describe('what other verifiers were deceived with', () => {
  it('the root’s key over a curve of one’s own making (CVE-2020-0601)', () => {
    const spki = onOwnCurve(root.key);
    const spoofed = authority({ ...ROOT, key: { ...root.key, spki } });
    const leaf = endEntity(spoofed, { signTbs: withoutSecret });
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const [tbs, signature] = partsOf(leaf);
    assert.ok(verify('sha256', tbs, publicKey, signature), 'or the attack would be none');
    assert.equal(shown(leaf, spoofed), 'path-signature-bad');
    assert.equal(judge({ leaf, anchors: [spoofed], domain: DOMAIN }), 'path-key-refused');
  });

  it('another key under the root’s name and key identifier (CVE-2026-34580)', () => {
    const twin = authority({ ...ROOT, key: OWN, subjectKeyId: subjectKeyId(root.key) });
    assert.equal(shown(endEntity(twin), twin), 'path-signature-bad');
    assert.equal(shown(twin), 'path-key-usage-refused');
  });

  it('a leaf that nobody signed, below one that is no authority (CVE-2026-5501)', () => {
    const holder = authority({ ...MIDDLE, basicConstraints: basicConstraints(false) }, root);
    const unsigned = endEntity(holder, { signTbs: () => Buffer.alloc(70, 1) });
    assert.equal(shown(unsigned, holder), 'path-issuer-not-ca');
    assert.equal(shown(endEntity(holder), holder), 'path-issuer-not-ca');
  });

  it('the holder of an ordinary certificate as an authority (CVE-2002-0862 and its heirs)', () => {
    const peer = endEntity(root, { key: OWN });
    const victim = endEntity({ ...peer, key: OWN });
    assert.equal(shown(victim, peer), 'path-issuer-not-ca');
  });

  it('a NUL in a name (CVE-2009-2408)', () => {
    for (const name of [`dns:${DOMAIN}\0.evil.example`, `uri:sip:${DOMAIN}\0.evil.example`]) {
      const leaf = endEntity(root, { names: subjectAltName([name, `dns:${DOMAIN}`]) });
      assert.equal(shown(leaf), 'certificate-extensions-malformed');
    }
    const subject = sequence(
      der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(`${DOMAIN}\0.evil.example`)))),
    );
    assert.equal(shown(endEntity(root, { subject, names: null })), 'name-not-covered');
  });

  it('a name of another form that holds the domain (CVE-2021-44531, CVE-2021-44532)', () => {
    const injected = [
      `uri:http://x/, DNS:${DOMAIN}`,
      `email:a@b, DNS:${DOMAIN}`,
      `dn:CN=${DOMAIN}`,
    ];
    for (const name of injected) {
      assert.equal(shown(endEntity(root, { names: subjectAltName([name]) })), 'name-not-covered');
    }
    const nested = sequence(generalName(`dns:${DOMAIN}`));
    const other = der(0xa0, oid('1.2.3.4'), der(0xa0, nested));
    const names = sequence(oid('2.5.29.17'), der(0x04, sequence(other)));
    assert.equal(shown(endEntity(root, { names })), 'name-not-covered');
  });
});

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same point, on P-256 spelled out with the point itself as generator: then its secret is 1. */
function onOwnCurve(key: TestKey): Buffer {
  const point = Buffer.from(key.spki.subarray(-65));
  const prime = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff';
  const a = 'ffffffff00000001000000000000000000000000fffffffffffffffffffffffc';
  const b = '5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b';
  const positive = (hex: string) => der(0x02, Buffer.from(`00${hex}`, 'hex'));
  const octets = (hex: string) => der(0x04, Buffer.from(hex, 'hex'));
  const parameters = sequence(
    integer(1),
    sequence(oid('1.2.840.10045.1.1'), positive(prime)),
    sequence(octets(a), octets(b)),
    der(0x04, point),
    positive(ORDER.toString(16)),
    integer(1),
  );
  return sequence(algorithm('1.2.840.10045.2.1', parameters), bitString(point));
}

/**
 * ECDSA with the secret 1 and the root's point as generator.
 *
 * Multiples of that point are found by way of the root's secret, for want of arithmetic on curves; the attacker has that.
 */
function withoutSecret(tbs: Buffer, rootKey: KeyObject): Buffer {
  const secret = Buffer.from(rootKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const k = 0x5a11_9027n;
  const multiple = createECDH('prime256v1');
  const scalar = (BigInt(`0x${secret.toString('hex')}`) * k) % ORDER;
  multiple.setPrivateKey(scalar.toString(16).padStart(64, '0'), 'hex');
  const r = BigInt(`0x${multiple.getPublicKey('hex').slice(2, 66)}`) % ORDER;
  const s = ((BigInt(`0x${hash('sha256', tbs)}`) + r) * inverseOf(k)) % ORDER;
  const number = (value: bigint) => {
    const octets = Math.floor(value.toString(2).length / 8) + 1;
    return der(0x02, Buffer.from(value.toString(16).padStart(octets * 2, '0'), 'hex'));
  };
  return sequence(number(r), number(s));
}

/** By Fermat's little theorem. */
function inverseOf(value: bigint): bigint {
  let [result, base] = [1n, value];
  for (let exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % ORDER;
    base = (base * base) % ORDER;
  }
  return result;
}

function partsOf({ der: bytes }: Entity): readonly [tbs: Buffer, signature: Buffer] {
  const certificate = parseCertificate(bytes);
  assert.ok(certificate.ok);
  return [certificate.value.tbs, certificate.value.signature];
}
