import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { unusedCertificates } from '@sallyport/app-gateway/adapters/database/unused-certificates.ts';
import type { IdentityKey } from '@sallyport/app-gateway/domain/exchange/identity/identity-record.ts';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { ok } from '@sallyport/shared/result.ts';
import { spkiSha256 } from '@sallyport/shared/x509/spki.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 0, 10);
const IDENTITY = {
  name: 'main',
  serverNames: ['acme.example'],
  chain: 'identities/main.crt',
  key: 'identities/main.key',
};

describe('certificates in the site’s files that nobody is shown', () => {
  let own: Issued;
  let newer: Issued;
  before(async () => {
    const dates = { notBeforeMs: NOW_MS, notAfterMs: NOW_MS + 300 * DAY_MS };
    const authority = await createAuthority({ commonName: 'CA', ...dates });
    own = await issueDomainCertificate(authority, { domains: ['acme.example'], ...dates });
    const later = { ...dates, notBeforeMs: NOW_MS + DAY_MS };
    newer = await issueDomainCertificate(authority, { domains: ['acme.example'], ...later });
  });

  const keyOf = (issued: Issued, changes: Partial<IdentityKey> = {}): IdentityKey => ({
    id: 'k1',
    state: 'active',
    kind: 'ec-p256',
    spki: spkiSha256(createPrivateKey(issued.privateKeyPem)),
    chainPem: issued.certificatePem,
    sealedKey: '',
    createdAtMs: NOW_MS,
    ...changes,
  });
  const files = (pem: string) => new Map([[IDENTITY.chain, ok(pem)]]);
  const warned = (pem: string, ...keys: readonly IdentityKey[]) =>
    unusedCertificates([IDENTITY], files(pem), [
      { name: 'main', serverNames: IDENTITY.serverNames, position: 0, keys },
    ]).map(({ file }) => file);

  it('are those of another key, and newer ones of the same', () => {
    assert.deepEqual(warned(newer.certificatePem, keyOf(own)), [IDENTITY.chain]);
    const renewed = keyOf(newer, { chainPem: own.certificatePem });
    assert.deepEqual(warned(newer.certificatePem, renewed), [IDENTITY.chain]);
  });

  it('are not what the database has, nor what it had before', () => {
    assert.deepEqual(warned(own.certificatePem, keyOf(own)), []);
    const before = keyOf(own, { state: 'retired', chainPem: newer.certificatePem });
    assert.deepEqual(warned(own.certificatePem, before, keyOf(newer, { id: 'k2' })), []);
    const older = keyOf(own, { chainPem: newer.certificatePem });
    assert.deepEqual(warned(own.certificatePem, older), []);
  });

  it('are none where a file holds no certificate, which is another matter', () => {
    assert.deepEqual(warned('not a certificate', keyOf(own)), []);
    assert.deepEqual(unusedCertificates([IDENTITY], new Map(), []), []);
  });
});
