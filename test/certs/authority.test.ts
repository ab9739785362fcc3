import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { createAuthority, issueIntermediate } from '@sallyport/certs/authority.ts';

const NOT_BEFORE_MS = Date.UTC(2026, 0, 1);
const NOT_AFTER_MS = Date.UTC(2031, 0, 1);
const FIVE_YEARS = { notBeforeMs: NOT_BEFORE_MS, notAfterMs: NOT_AFTER_MS };

describe('certificate authority', () => {
  for (const kind of ['ec-p256', 'rsa-2048'] as const) {
    it(`signs itself, is marked as authority and keeps the dates asked for (${kind})`, async () => {
      const authority = await createAuthority({ commonName: 'Acme CA', kind, ...FIVE_YEARS });
      const certificate = new X509Certificate(authority.certificatePem);
      assert.equal(certificate.subject, 'CN=Acme CA');
      assert.equal(certificate.ca, true);
      assert.equal(certificate.verify(certificate.publicKey), true);
      assert.equal(certificate.validFromDate.getTime(), NOT_BEFORE_MS);
      assert.equal(certificate.validToDate.getTime(), NOT_AFTER_MS);
      assert.equal(certificate.checkPrivateKey(createPrivateKey(authority.privateKeyPem)), true);
    });
  }

  it('takes a common name as text, never as name syntax', async () => {
    const authority = await createAuthority({ commonName: 'a, O=Other+C=XX', ...FIVE_YEARS });
    const certificate = new X509Certificate(authority.certificatePem);
    assert.equal(certificate.subject, 'CN=a\\, O=Other\\+C=XX');
  });

  it('issues an intermediate that its parent signed', async () => {
    const root = await createAuthority({ commonName: 'Root', pathLength: 1, ...FIVE_YEARS });
    const issued = await issueIntermediate(root, { commonName: 'Below', ...FIVE_YEARS });
    const parent = new X509Certificate(root.certificatePem);
    const certificate = new X509Certificate(issued.certificatePem);
    assert.equal(certificate.ca, true);
    assert.equal(certificate.checkIssued(parent), true);
    assert.equal(certificate.verify(parent.publicKey), true);
  });

  it('gives every certificate a serial number of its own', async () => {
    const first = await createAuthority({ commonName: 'A', ...FIVE_YEARS });
    const second = await createAuthority({ commonName: 'A', ...FIVE_YEARS });
    assert.notEqual(
      new X509Certificate(first.certificatePem).serialNumber,
      new X509Certificate(second.certificatePem).serialNumber,
    );
  });
});
