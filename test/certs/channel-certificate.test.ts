import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import {
  certifyChannelKey,
  issueChannelCertificate,
} from '@sallyport/certs/channel-certificate.ts';
import { KEY_USAGE } from '@sallyport/certs/leaf.ts';

const DATES = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2027, 0, 1) };

const rows = [
  { role: 'proxy', hosts: [], names: 'URI:urn:sallyport:acme:proxy:n1' },
  {
    role: 'gateway',
    hosts: ['gw.inner.example', '10.0.0.1', '2001:db8::1'],
    names:
      'URI:urn:sallyport:acme:gateway:n1, DNS:gw.inner.example, IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1',
  },
] as const;

describe('channel certificate', () => {
  for (const { role, hosts, names } of rows) {
    it(`names site, role and node of a ${role} and serves both ends`, async () => {
      const authority = await createAuthority({ commonName: 'Site CA', ...DATES });
      const issued = await issueChannelCertificate(authority, {
        site: 'acme',
        role,
        node: 'n1',
        hosts,
        ...DATES,
      });
      const certificate = new X509Certificate(issued.certificatePem);
      assert.equal(
        certificate.subjectAltName?.split(', ').sort().join(),
        names.split(', ').sort().join(),
      );
      assert.deepEqual(certificate.keyUsage, [KEY_USAGE.serverAuth, KEY_USAGE.clientAuth]);
    });
  }

  it('of a key that its host keeps holds that key and the same names', async () => {
    const authority = await createAuthority({ commonName: 'Site CA', ...DATES });
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const request = { site: 'acme', role: 'proxy', node: 'n1', hosts: [], ...DATES } as const;
    const pem = await certifyChannelKey(authority, request, spki);
    const certificate = new X509Certificate(pem);
    assert.equal(certificate.checkPrivateKey(privateKey), true);
    assert.equal(certificate.subjectAltName, 'URI:urn:sallyport:acme:proxy:n1');
    assert.equal(certificate.verify(new X509Certificate(authority.certificatePem).publicKey), true);
  });

  it('never outlives the authority that issued it', async () => {
    const authority = await createAuthority({ commonName: 'Site CA', ...DATES });
    const request = { site: 'acme', role: 'proxy', node: 'n1', hosts: [], ...DATES } as const;
    const longer = { ...request, notAfterMs: DATES.notAfterMs + 86_400_000 };
    const issued = await issueChannelCertificate(authority, longer);
    const end = new X509Certificate(issued.certificatePem).validToDate.getTime();
    assert.equal(end, DATES.notAfterMs);
  });
});
