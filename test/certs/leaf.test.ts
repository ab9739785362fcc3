import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueLeaf, KEY_USAGE, type LeafRequest } from '@sallyport/certs/leaf.ts';

const DATES = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2027, 0, 1) };

interface Row {
  readonly name: string;
  readonly request: Partial<LeafRequest>;
  readonly subjectAltName: string | undefined;
  readonly usages: readonly string[] | undefined;
}

const rows: readonly Row[] = [
  {
    name: 'no names and no purposes leave both extensions out',
    request: {},
    subjectAltName: undefined,
    usages: undefined,
  },
  {
    name: 'names of all three forms',
    request: { dnsNames: ['a.example'], uris: ['sip:b.example'], ipAddresses: ['192.0.2.1'] },
    subjectAltName: 'DNS:a.example, URI:sip:b.example, IP Address:192.0.2.1',
    usages: undefined,
  },
  {
    name: 'an IPv6 address',
    request: { ipAddresses: ['2001:db8::1'] },
    subjectAltName: 'IP Address:2001:DB8:0:0:0:0:0:1',
    usages: undefined,
  },
  {
    name: 'one purpose alone',
    request: { usages: ['serverAuth'] },
    subjectAltName: undefined,
    usages: [KEY_USAGE.serverAuth],
  },
  {
    name: 'the SIP domain purpose (RFC 5924)',
    request: { usages: ['clientAuth', 'sipDomain'] },
    subjectAltName: undefined,
    usages: [KEY_USAGE.clientAuth, KEY_USAGE.sipDomain],
  },
];

describe('end-entity certificate', () => {
  let authority: Issued;
  before(async () => {
    authority = await createAuthority({ commonName: 'Test CA', ...DATES });
  });

  for (const row of rows) {
    it(row.name, async () => {
      const issued = await issueLeaf(authority, { commonName: 'leaf', ...DATES, ...row.request });
      const certificate = new X509Certificate(issued.certificatePem);
      assert.equal(certificate.subjectAltName, row.subjectAltName);
      assert.deepEqual(certificate.keyUsage, row.usages);
    });
  }

  for (const kind of ['ec-p256', 'rsa-2048'] as const) {
    it(`is signed by its authority and fits its key (${kind})`, async () => {
      const issued = await issueLeaf(authority, { commonName: 'leaf', kind, ...DATES });
      const certificate = new X509Certificate(issued.certificatePem);
      const issuer = new X509Certificate(authority.certificatePem);
      assert.equal(certificate.ca, false);
      assert.equal(certificate.checkIssued(issuer), true);
      assert.equal(certificate.verify(issuer.publicKey), true);
      assert.equal(certificate.checkPrivateKey(createPrivateKey(issued.privateKeyPem)), true);
    });
  }

  it('is signed with the key of an RSA authority as well', async () => {
    const rsa = await createAuthority({ commonName: 'RSA CA', kind: 'rsa-2048', ...DATES });
    const issued = await issueLeaf(rsa, { commonName: 'leaf', ...DATES });
    const issuer = new X509Certificate(rsa.certificatePem);
    assert.equal(new X509Certificate(issued.certificatePem).verify(issuer.publicKey), true);
  });
});
