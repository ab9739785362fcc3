import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseCertificationRequest } from '@sallyport/shared/x509/certification-request.ts';
import { channelRequest } from '@sallyport/shared/x509/channel-request.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';

const EDGE = { site: 'acme', role: 'proxy', node: 'edge-1' } as const;

describe('a request for a channel certificate', () => {
  it('is one PEM block that names the host, and the fingerprint is that of its key', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const made = channelRequest(privateKey, EDGE);
    assert.ok(made.ok);
    const [der, ...others] = decodePem(made.value.pem, 'CERTIFICATE REQUEST');
    assert.ok(der !== undefined && others.length === 0);
    const read = parseCertificationRequest(der);
    assert.ok(read.ok);
    assert.deepEqual(read.value.uris, ['urn:sallyport:acme:proxy:edge-1']);
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    assert.equal(made.value.keyFingerprint, hash('sha256', spki, 'hex'));
  });

  for (const [what, key] of [
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
  ] as const) {
    it(`of ${what} is refused`, () => {
      assert.deepEqual(channelRequest(key, EDGE), { ok: false, error: 'request-key-refused' });
    });
  }
});
