import assert from 'node:assert/strict';
import { KeyObject, webcrypto } from 'node:crypto';
import { describe, it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { certifyLeaf, issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { whyNotShown } from '@sallyport/shared/io/shown-in-tls.ts';

const DATES = validForDays(Date.now(), 2);
const authority = await createAuthority({ commonName: 'CA', ...DATES });

/** Chain and key of a certificate for an RSA key of so many bits. */
async function ofRsaKey(modulusLength: number): Promise<readonly [string, string]> {
  const publicExponent = new Uint8Array([1, 0, 1]);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent, modulusLength };
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ]);
  const request = { commonName: 'a.example', kind: 'rsa-2048', ...DATES } as const;
  const key = KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return [await certifyLeaf(authority, request, publicKey), key];
}

describe('a certificate of ours in TLS', () => {
  it('is shown with a key of enough bits', async () => {
    for (const kind of ['ec-p256', 'ml-dsa-65'] as const) {
      const issued = await issueLeaf(authority, { commonName: 'a.example', kind, ...DATES });
      assert.equal(whyNotShown(issued.certificatePem, issued.privateKeyPem), undefined, kind);
    }
    assert.equal(whyNotShown(...(await ofRsaKey(2048))), undefined);
  });

  it('is not with one of too few, nor with another’s key, nor where there is none', async () => {
    const [weak, weakKey] = await ofRsaKey(1024);
    assert.equal(whyNotShown(weak, weakKey), 'ee key too small');
    const request = { commonName: 'a.example', ...DATES };
    const [one, other] = [await issueLeaf(authority, request), await issueLeaf(authority, request)];
    assert.equal(whyNotShown(one.certificatePem, other.privateKeyPem), 'key values mismatch');
    assert.equal(whyNotShown('nothing', one.privateKeyPem), 'no start line');
  });
});
