import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  algorithm,
  bitString,
  der,
  extendedKeyUsage,
  extension,
  Oid,
  rsaKey,
} from '../../x509-builder.ts';
import { dns, named, root, under } from './path-stage.ts';

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const PRECERTIFICATE = '1.3.6.1.4.1.11129.2.4.4';
const KEY_USAGE = '2.5.29.15';

describe('what x509-limbo expects of public certificates, with our own', () => {
  const rows: readonly (readonly [id: string, verdict: string, run: () => string])[] = [
    [
      'webpki::san::mismatch-domain-san',
      'name-not-covered',
      () => under(root, {}, 'peer2.example'),
    ],
    [
      'webpki::san::leftmost-wildcard-san',
      'name-not-covered',
      () => under(root, { names: dns('*.example.com') }, 'foo.example.com'),
    ],
    [
      'webpki::san::wildcard-embedded-leftmost-san',
      'name-not-covered',
      () => under(root, { names: dns('ba*.example.com') }, 'baz.example.com'),
    ],
    [
      'webpki::san::public-suffix-multi-label-wildcard-san',
      'name-not-covered',
      () => under(root, { names: dns('*.co.uk') }, 'example.co.uk'),
    ],
    [
      'webpki::san::wildcard-not-in-leftmost-san',
      'name-not-covered',
      () => under(root, { names: dns('foo.*.example.com') }, 'foo.bar.example.com'),
    ],
    [
      'webpki::san::wildcard-match-across-labels-san',
      'name-not-covered',
      () => under(root, { names: dns('*.example.com') }, 'foo.bar.example.com'),
    ],
    [
      'webpki::san::wildcard-embedded-ulabel-san',
      'name-not-covered',
      () =>
        under(root, { names: dns('xn--*-1b3c148a.example.com') }, 'xn--bliss-1b3c148a.example.com'),
    ],
    [
      'webpki::san::unicode-emoji-san',
      'certificate-extensions-malformed',
      () => {
        const emoji = der(0x82, Buffer.from('\u{1f61c}.example.com', 'utf8'));
        return under(root, { names: named(emoji) }, 'xn--628h.example.com');
      },
    ],
    [
      'webpki::forbidden-weak-signature (SHA-1)',
      'path-algorithm-refused',
      () => under(root, { innerAlgorithm: algorithm('1.2.840.10045.4.1') }),
    ],
    [
      'webpki::ku::ee-rsa-without-any-usages',
      'path-key-usage-refused',
      () =>
        under(root, {
          key: rsaKey(2048),
          keyUsage: extension(KEY_USAGE, true, bitString(Buffer.of(0), 0)),
        }),
    ],
    [
      'webpki::ku::ee-rsa-without-any-usages, as DER has it',
      'path-key-usage-refused',
      () =>
        under(root, {
          key: rsaKey(2048),
          keyUsage: extension(KEY_USAGE, true, bitString(Buffer.alloc(0), 0)),
        }),
    ],
    [
      'webpki::eku::ee-clientauth-only',
      'path-purpose-refused',
      () => under(root, { purposes: extendedKeyUsage([Oid.clientAuth]) }),
    ],
    [
      'smime::eku::ee-email-protection, which is for no handshake',
      'path-purpose-refused',
      () => under(root, { purposes: extendedKeyUsage([Oid.emailProtection]) }),
    ],
    [
      'webpki::eku::ee-precertificate-only',
      'path-purpose-refused',
      () => under(root, { purposes: extendedKeyUsage([PRECERTIFICATE]) }),
    ],
    [
      'webpki::eku::ee-serverauth-with-additional',
      'accepted',
      () =>
        under(
          root,
          { purposes: extendedKeyUsage([Oid.serverAuth, Oid.clientAuth]) },
          'peer.example',
        ),
    ],
  ];
  for (const [id, verdict, run] of rows) {
    it(`${id}: ${verdict}`, () => assert.equal(run(), verdict));
  }
});

describe('where x509-limbo holds rules of the CA/Browser Forum, we accept', () => {
  const rows: readonly (readonly [id: string, run: () => string])[] = [
    ...[PRECERTIFICATE, CODE_SIGNING, Oid.emailProtection, TIME_STAMPING, OCSP_SIGNING].map(
      (purpose) =>
        [
          `webpki::eku: serverAuth beside ${purpose}`,
          () =>
            under(root, { purposes: extendedKeyUsage([Oid.serverAuth, purpose]) }, 'peer.example'),
        ] as const,
    ),
    ...[
      '0xC0A80101',
      '2001:db8:0:0:1:0:0:1',
      'test-\u6e2c\u8a66.com',
      'notinsan.example',
      'Peer.EXAMPLE',
    ].map(
      (commonName) =>
        [
          `webpki::cn: ${commonName} beside a subjectAltName`,
          () => under(root, { subject: `CN=${commonName}` }, 'peer.example'),
        ] as const,
    ),
    [
      'webpki::eku::ee-without-eku: RFC 5280 §4.2.1.12, as rfc5280::eku::ee-without-eku has it',
      () => under(root, { purposes: null }, 'peer.example'),
    ],
    [
      'webpki::san::no-san: RFC 5922 §7.1 knows the common name',
      () => under(root, { subject: 'CN=peer.example', names: null }, 'peer.example'),
    ],
  ];
  for (const [id, run] of rows) it(id, () => assert.equal(run(), 'accepted'));
});
