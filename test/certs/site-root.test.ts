import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { issueIntermediate } from '@sallyport/certs/authority.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import {
  createIssuingAuthority,
  createPassphrase,
  createSiteRoot,
  openIssuingAuthority,
  openSiteRoot,
  sealIssuingAuthority,
} from '@sallyport/certs/site-root.ts';
import { validForMs } from '@sallyport/certs/validity.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { channelPathPolicy } from '@sallyport/shared/x509/path-policy.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const { root, sealed } = await createSiteRoot('acme', 'a passphrase', NOW_MS);
const issuing = await createIssuingAuthority(root, 'acme', NOW_MS);
const leaf = (authority: typeof issuing) =>
  issueChannelCertificate(authority, {
    site: 'acme',
    role: 'proxy',
    node: 'edge-1',
    hosts: [],
    ...validForMs(NOW_MS, 604_800_000),
  });

function parsed(pem: string) {
  const certificate = parseCertificate(new X509Certificate(pem).raw);
  assert.ok(certificate.ok);
  return certificate.value;
}

async function verdict(authority: typeof issuing, atMs: number): Promise<string> {
  const path = validatePath({
    leaf: parsed((await leaf(authority)).certificatePem),
    intermediates: [parsed(authority.certificatePem), parsed(issuing.certificatePem)],
    anchors: [parsed(root.certificatePem)],
    pins: [],
    purpose: 'client',
    policy: channelPathPolicy,
    atMs,
  });
  return path.ok ? 'good' : path.error;
}

describe('the root of a site', () => {
  it('opens with its passphrase and with no other, and nothing of its key is readable', () => {
    assert.deepEqual(openSiteRoot(sealed, 'a passphrase'), { ok: true, value: root });
    const wrong = openSiteRoot(sealed, 'A passphrase');
    assert.deepEqual(wrong, { ok: false, error: 'root-passphrase-wrong' });
    assert.doesNotMatch(sealed.sealedKey, /PRIVATE KEY/);
    assert.match(sealed.sealedKey, /^sallyport-sealed:v1:scrypt,/);
  });

  it('is not opened with a damaged key, or the issuing authority’s', () => {
    const key = Buffer.alloc(32, 1);
    const { sealedKey } = sealIssuingAuthority(issuing, key);
    for (const text of ['', sealedKey, sealed.sealedKey.slice(0, -2)]) {
      assert.equal(openSiteRoot({ ...sealed, sealedKey: text }, 'a passphrase').ok, false);
    }
  });

  it('certifies an authority that certifies nodes', async () => {
    assert.equal(await verdict(issuing, NOW_MS), 'good');
    assert.equal(await verdict(issuing, NOW_MS + 8 * 86_400_000), 'path-expired');
  });

  it('lets the issuing authority make no other', async () => {
    const dates = validForMs(NOW_MS, 604_800_000);
    const below = await issueIntermediate(issuing, { commonName: 'below', ...dates });
    assert.notEqual(await verdict(below, NOW_MS), 'good');
    // Of those who judge by the certificate alone as well, whatever they think of longer paths.
    const { basicConstraints } = parsed(issuing.certificatePem).extensions;
    assert.deepEqual(basicConstraints, { isCritical: true, isCa: true, pathLength: 0 });
  });
});

describe('the sealed issuing authority', () => {
  const sealedIssuing = sealIssuingAuthority(issuing, Buffer.alloc(32, 1));

  it('opens with the key it was sealed with, and with no other', () => {
    const opened = openIssuingAuthority(sealedIssuing, Buffer.alloc(32, 1));
    assert.deepEqual(opened, { ok: true, value: issuing });
    const wrong = openIssuingAuthority(sealedIssuing, Buffer.alloc(32, 2));
    assert.deepEqual(wrong, { ok: false, error: 'key-unreadable' });
  });
});

it('a passphrase is 32 characters, and never the same', () => {
  const passphrases = new Set(Array.from({ length: 100 }, createPassphrase));
  assert.equal(passphrases.size, 100);
  for (const passphrase of passphrases) assert.match(passphrase, /^[A-Za-z0-9_-]{32}$/);
});
