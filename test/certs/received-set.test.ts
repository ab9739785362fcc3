import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSelfSigned, sortCertificates } from '@sallyport/certs/received-set.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import {
  algorithm,
  authorityKeyId,
  basicConstraints,
  buildCertificate,
  type CertificateDraft,
  ecKey,
  rsaKey,
  subjectKeyId,
} from '../x509-builder.ts';

const [A, B] = [ecKey(), ecKey()];
const WEAK = rsaKey(1024);
const SHA1 = algorithm('1.2.840.113549.1.1.5');
const CA = basicConstraints(true);

function built(draft: CertificateDraft): Certificate {
  const parsed = parseCertificate(buildCertificate(draft));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const ROOT = { subject: 'CN=Root', key: A };
const rows: readonly (readonly [name: string, certificate: Certificate, kind: string])[] = [
  ['a root', built({ ...ROOT, extensions: [CA] }), 'anchor'],
  ['a root of version 1', built({ ...ROOT, version: 1 }), 'anchor'],
  [
    'a root signed with SHA-1',
    built({ ...ROOT, key: WEAK, innerAlgorithm: SHA1, extensions: [CA] }),
    'anchor',
  ],
  ['a self-signed leaf', built({ subject: 'CN=a.example', key: A }), 'anchor leaf'],
  [
    'an intermediate',
    built({ subject: 'CN=CA', key: B, issuer: ROOT, extensions: [CA] }),
    'intermediate',
  ],
  [
    'a root that is certified again with its old key',
    built({ subject: 'CN=Root', key: B, issuer: ROOT, extensions: [CA] }),
    'intermediate',
  ],
  [
    'the same with an algorithm that is not verified',
    built({
      subject: 'CN=Root',
      key: B,
      issuer: ROOT,
      innerAlgorithm: SHA1,
      extensions: [CA, subjectKeyId(B), authorityKeyId(A)],
    }),
    'intermediate',
  ],
  ['a leaf', built({ subject: 'CN=a.example', key: B, issuer: ROOT }), 'leaf'],
];

describe('sorting certificates', () => {
  for (const [name, certificate, kind] of rows) {
    it(`${name}: ${kind}`, () => {
      const set = sortCertificates([certificate, certificate], isSelfSigned);
      const found = [
        ...set.anchors.map(() => 'anchor'),
        ...set.intermediates.map(() => 'intermediate'),
        ...set.leaves.map(() => 'leaf'),
      ];
      assert.equal(found.join(' '), kind);
    });
  }

  it('the caller may ask for an intermediate as anchor', () => {
    const certificates = rows.map(([, certificate]) => certificate);
    const set = sortCertificates(certificates, (one) => one === certificates[4]);
    assert.deepEqual(set.anchors, [certificates[4]]);
    assert.equal(set.intermediates.includes(certificates[4] as Certificate), false);
  });
});
