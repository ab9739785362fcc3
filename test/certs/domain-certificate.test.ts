import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { KEY_USAGE } from '@sallyport/certs/leaf.ts';

const DATES = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2027, 0, 1) };

describe('domain certificate (RFC 5922 §7.1)', () => {
  it('names each domain as sip URI and as DNS name, and each host once', async () => {
    const authority = await createAuthority({ commonName: 'Partner CA', ...DATES });
    const issued = await issueDomainCertificate(authority, {
      domains: ['a.example', 'b.example'],
      hosts: ['edge.a.example', 'a.example'],
      ...DATES,
    });
    const certificate = new X509Certificate(issued.certificatePem);
    const names = (certificate.subjectAltName ?? '').split(', ').sort();
    assert.deepEqual(names, [
      'DNS:a.example',
      'DNS:b.example',
      'DNS:edge.a.example',
      'URI:sip:a.example',
      'URI:sip:b.example',
    ]);
    assert.deepEqual(certificate.keyUsage, [KEY_USAGE.serverAuth, KEY_USAGE.clientAuth]);
  });

  it('leaves clientAuth out when told, as public authorities do', async () => {
    const authority = await createAuthority({ commonName: 'Partner CA', ...DATES });
    const issued = await issueDomainCertificate(authority, {
      domains: ['a.example'],
      usages: ['serverAuth'],
      ...DATES,
    });
    const certificate = new X509Certificate(issued.certificatePem);
    assert.deepEqual(certificate.keyUsage, [KEY_USAGE.serverAuth]);
  });
});
