import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, hash, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { createCertificateRequest } from '@sallyport/certs/certificate-request.ts';
import {
  encodeCertificationRequest,
  parseCertificationRequest,
} from '@sallyport/shared/x509/certification-request.ts';
import { contextTag, Tag } from '@sallyport/shared/x509/der-reader.ts';
import {
  der,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
} from '@sallyport/shared/x509/der-writer.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const OTHER = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const URN = 'urn:sallyport:acme:proxy:edge-1';
const REQUEST = encodeCertificationRequest(KEY, 'edge-1 proxy of acme', URN);

/** A request put together by hand, so that each part can be wrong. */
function request(change: {
  readonly version?: number;
  readonly attribute?: Buffer;
  readonly second?: Buffer;
  readonly signedBy?: typeof KEY;
  readonly digest?: 'sha1' | 'sha256';
  readonly signatureOid?: string;
}): Buffer {
  const name = sequence(
    setOf(sequence(objectIdentifier('2.5.4.3'), der(Tag.utf8String, Buffer.from('x')))),
  );
  const san = sequence(der(contextTag(6, false), Buffer.from(URN)));
  const extension = sequence(objectIdentifier('2.5.29.17'), octetString(san));
  const attribute = sequence(objectIdentifier('1.2.840.113549.1.9.14'), setOf(sequence(extension)));
  const info = sequence(
    integer(change.version ?? 0),
    name,
    createPublicKey(KEY).export({ type: 'spki', format: 'der' }),
    der(
      contextTag(0, true),
      change.attribute ?? attribute,
      ...(change.second === undefined ? [] : [change.second]),
    ),
  );
  const signature = sign(change.digest ?? 'sha256', info, change.signedBy ?? KEY);
  return sequence(
    info,
    sequence(objectIdentifier(change.signatureOid ?? '1.2.840.10045.4.3.2')),
    der(Tag.bitString, Buffer.from([0]), signature),
  );
}

const CHALLENGE = sequence(
  objectIdentifier('1.2.840.113549.1.9.7'),
  setOf(der(Tag.utf8String, Buffer.from('secret'))),
);
const flipped = Buffer.from(REQUEST);
flipped.writeUInt8(flipped.readUInt8(40) ^ 1, 40);

//  what it is                       bytes                                             verdict
const table: readonly (readonly [string, Buffer, string])[] = [
  ['ours', REQUEST, 'good'],
  ['one put together by hand', request({}), 'good'],
  ['empty', Buffer.alloc(0), 'request-malformed'],
  ['cut short', REQUEST.subarray(0, -1), 'request-malformed'],
  ['something after it', Buffer.concat([REQUEST, Buffer.from([0])]), 'request-malformed'],
  ['8 KiB and one', Buffer.alloc(8193, 0x30), 'request-too-large'],
  ['version 2', request({ version: 1 }), 'request-malformed'],
  ['another attribute', request({ attribute: CHALLENGE }), 'request-malformed'],
  ['a second attribute', request({ second: CHALLENGE }), 'request-malformed'],
  ['signed by another key', request({ signedBy: OTHER }), 'request-signature-bad'],
  ['signed with SHA-1', request({ digest: 'sha1' }), 'request-signature-bad'],
  [
    'said to be signed with RSA',
    request({ signatureOid: '1.2.840.113549.1.1.11' }),
    'request-signature-bad',
  ],
  ['a bit flipped in what is signed', flipped, 'request-signature-bad'],
  ['P-384', encodeCertificationRequest(P384, 'edge-1', URN), 'request-key-refused'],
  ['RSA', encodeCertificationRequest(RSA, 'edge-1', URN), 'request-key-refused'],
];

describe('a certification request', () => {
  for (const [what, bytes, verdict] of table) {
    it(`${what}: ${verdict}`, () => {
      const parsed = parseCertificationRequest(bytes);
      assert.equal(parsed.ok ? 'good' : parsed.error, verdict);
    });
  }

  it('says which key and which name', () => {
    const parsed = parseCertificationRequest(REQUEST);
    assert.ok(parsed.ok);
    const spki = createPublicKey(KEY).export({ type: 'spki', format: 'der' });
    assert.deepEqual(parsed.value.spki, spki);
    assert.equal(parsed.value.keyFingerprint, hash('sha256', spki, 'hex'));
    assert.deepEqual(parsed.value.uris, [URN]);
  });

  it('of another program is read too', async () => {
    const { requestPem } = await createCertificateRequest({ domains: ['acme.example'] });
    const [bytes = Buffer.alloc(0)] = decodePem(requestPem, 'CERTIFICATE REQUEST');
    const parsed = parseCertificationRequest(bytes);
    assert.deepEqual(parsed.ok && parsed.value.uris, ['sip:acme.example']);
  });
});
