import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  type CertificateRequest,
  createCertificateRequest,
} from '@sallyport/certs/certificate-request.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { openSslMissing, openssl } from './openssl.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'sallyport-request-'));
after(() => rmSync(FOLDER, { recursive: true }));

const FULL: CertificateRequest = {
  domains: ['a.example', 'b.example'],
  hosts: ['edge.a.example', 'a.example'],
  organization: 'A, Inc.',
};

describe('certification request', () => {
  for (const [kind, type, bits] of [
    ['ec-p256', 'ec', undefined],
    ['rsa-3072', 'rsa', 3072],
    ['ml-dsa-65', 'ml-dsa-65', undefined],
    ['ml-dsa-87', 'ml-dsa-87', undefined],
  ] as const) {
    it(`${kind}: comes with its key`, async () => {
      const made = await createCertificateRequest({ domains: ['a.example'], kind });
      const key = createPrivateKey(made.privateKeyPem);
      assert.equal(key.asymmetricKeyType, type);
      assert.equal(key.asymmetricKeyDetails?.modulusLength, bits);
      const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
      assert.equal(made.spki, hash('sha256', spki, 'base64'));
      const [der = Buffer.alloc(0)] = decodePem(made.requestPem, 'CERTIFICATE REQUEST');
      assert.ok(der.includes(spki));
      assert.equal(made.fingerprint, hash('sha256', der));
    });
  }

  it('is signed with its key and holds all names, for openssl', {
    skip: openSslMissing,
  }, async () => {
    const shown = show((await createCertificateRequest(FULL)).requestPem);
    const names =
      'URI:sip:a.example, URI:sip:b.example, DNS:a.example, DNS:b.example, DNS:edge.a.example';
    assert.ok(shown.includes(names), shown);
    assert.match(shown, /Subject: CN ?= ?a\.example, O ?= ?"A, Inc\."/);
    assert.match(shown, /TLS Web Server Authentication, TLS Web Client Authentication/);
  });

  it('for a public CA holds DNS names alone', { skip: openSslMissing }, async () => {
    const request = { ...FULL, withSipUris: false, usages: ['serverAuth'] } as const;
    const shown = show((await createCertificateRequest(request)).requestPem);
    assert.doesNotMatch(shown, /URI:|Client Authentication/);
    assert.match(shown, /DNS:b\.example/);
  });
});

/** What openssl makes of a request, its signature verified. */
function show(pem: string): string {
  writeFileSync(join(FOLDER, 'made.csr'), pem);
  return openssl(FOLDER, 'req', '-in', 'made.csr', '-verify', '-noout', '-text').toString();
}
