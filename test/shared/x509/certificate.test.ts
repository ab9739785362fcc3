import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import fc from 'fast-check';
import {
  algorithm,
  basicConstraints,
  buildCertificate,
  type CertificateDraft,
  der,
  ecKey,
  extension,
  keyUsage,
  subjectAltName,
  utcTime,
} from '../../x509-builder.ts';

const key = ecKey();
const NO_EXTENSIONS: readonly Buffer[] = [];
const plain = built({ extensions: [subjectAltName(['dns:example.com']), keyUsage(0)] });

describe('a certificate (RFC 5280 §4.1)', () => {
  it('is read as OpenSSL reads it', () => {
    const certificate = parsed(plain);
    const reference = new X509Certificate(plain);
    assert.equal(certificate.serialHex, reference.serialNumber.toLowerCase());
    assert.equal(certificate.notBeforeMs, reference.validFromDate.getTime());
    assert.equal(certificate.notAfterMs, reference.validToDate.getTime());
    assert.equal(
      certificate.fingerprintSha256,
      reference.fingerprint256.replaceAll(':', '').toLowerCase(),
    );
    assert.deepEqual(certificate.spki, reference.publicKey.export({ format: 'der', type: 'spki' }));
    assert.deepEqual(certificate.subjectCommonNames, ['leaf']);
    assert.deepEqual(certificate.subjectAltName?.dns, ['example.com']);
    assert.equal(certificate.version, 3);
    assert.equal(certificate.publicKeyInfo.curve, 'P-256');
    assert.match(certificate.spkiSha256, /^[A-Za-z0-9+/]{43}=$/);
  });

  const table: readonly (readonly [string, Buffer, string | undefined])[] = [
    ['no extensions', built({ extensions: NO_EXTENSIONS }), undefined],
    ['version 1', built({ version: 1, extensions: NO_EXTENSIONS }), undefined],
    [
      'version 1 with extensions',
      built({ version: 1, extensions: [keyUsage(0)] }),
      'certificate-malformed',
    ],
    [
      'version 2 with extensions',
      built({ version: 2, extensions: [keyUsage(0)] }),
      'certificate-malformed',
    ],
    ['version 4', built({ version: 4 }), 'certificate-malformed'],
    ['serial number of 20 octets', built({ serial: Buffer.alloc(20, 0x7f) }), undefined],
    ['serial number of 21 octets', built({ serial: Buffer.alloc(21, 0x7f) }), undefined],
    ['negative serial number', built({ serial: Buffer.from([0x80]) }), undefined],
    ['padded serial number', built({ serial: Buffer.from([0, 1]) }), 'certificate-malformed'],
    ['empty serial number', built({ serial: Buffer.alloc(0) }), 'certificate-malformed'],
    [
      'two algorithms',
      built({ outerAlgorithm: algorithm('1.2.840.10045.4.3.3') }),
      'certificate-algorithm-mismatch',
    ],
    [
      'one algorithm in two spellings',
      built({ outerAlgorithm: algorithm('1.2.840.10045.4.3.2', der(0x05)) }),
      'certificate-algorithm-mismatch',
    ],
    [
      'a repeated extension',
      built({ extensions: [keyUsage(0), keyUsage(0)] }),
      'certificate-extensions-malformed',
    ],
    [
      'a malformed extension',
      built({ extensions: [extension('2.5.29.15', true, der(0x05))] }),
      'certificate-extensions-malformed',
    ],
    [
      'something after an extension’s value',
      built({ extensions: [extension('2.5.29.14', false, Buffer.concat([der(0x04), der(0x05)]))] }),
      'certificate-extensions-malformed',
    ],
    ['a validity of one end', built({ validity: der(0x30, utcTime(0)) }), 'certificate-malformed'],
    ['a byte more', Buffer.concat([plain, Buffer.from([0])]), 'certificate-malformed'],
    ['a byte less', plain.subarray(0, -1), 'certificate-malformed'],
    ['nothing', Buffer.alloc(0), 'certificate-malformed'],
  ];
  for (const [name, bytes, fault] of table) {
    it(`${name}: ${fault ?? 'read'}`, () => {
      const result = parseCertificate(bytes);
      assert.equal(result.ok ? undefined : result.error, fault);
    });
  }

  it('is at most 32768 octets long', () => {
    const padded = (octets: number) =>
      built({
        extensions: [extension('1.2.3', false, der(0x04, Buffer.alloc(octets)))],
        // ECDSA signatures differ in length.
        signTbs: () => Buffer.alloc(64),
      });
    const overhead = padded(32_000).length - 32_000;
    assert.equal(parseCertificate(padded(32_768 - overhead)).ok, true);
    assert.deepEqual(parseCertificate(padded(32_769 - overhead)), {
      ok: false,
      error: 'certificate-too-large',
    });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        return !parseCertificate(Buffer.from(bytes)).ok;
      }),
    );
  });

  it('never throws when a part of it is overwritten', () => {
    const ca = built({
      extensions: [
        basicConstraints(true, 3),
        keyUsage(5),
        subjectAltName(['dn:CN=x', 'ip:c0000201']),
      ],
    });
    const byte = fc.tuple(fc.nat(ca.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(ca);
        for (const [at, value] of changes) bytes[at] = value;
        return typeof parseCertificate(bytes).ok === 'boolean';
      }),
      { numRuns: 2000 },
    );
  });
});

function built(draft: Partial<CertificateDraft>): Buffer {
  return buildCertificate({ subject: 'CN=leaf', key, ...draft });
}

function parsed(bytes: Buffer) {
  const certificate = parseCertificate(bytes);
  assert.ok(certificate.ok);
  return certificate.value;
}
