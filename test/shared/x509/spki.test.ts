import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { ed25519OfSpki, spkiBase64, spkiDer, spkiSha256 } from '@sallyport/shared/x509/spki.ts';

const ed25519 = generateKeyPairSync('ed25519');
const x25519 = generateKeyPairSync('x25519');

describe('a key by its public half', () => {
  it('is the same, given either half', () => {
    assert.deepEqual(spkiDer(ed25519.privateKey), spkiDer(ed25519.publicKey));
    assert.deepEqual(
      spkiDer(ed25519.privateKey),
      ed25519.publicKey.export({ type: 'spki', format: 'der' }),
    );
    assert.notDeepEqual(spkiDer(ed25519.publicKey), spkiDer(x25519.publicKey));
  });

  it('has a base64 form and a pin', () => {
    const der = spkiDer(ed25519.publicKey);
    assert.equal(spkiBase64(ed25519.privateKey), der.toString('base64'));
    assert.equal(spkiSha256(ed25519.privateKey), createHash('sha256').update(der).digest('base64'));
  });

  it('comes back from its base64, if it is of Ed25519', () => {
    assert.ok(ed25519OfSpki(spkiBase64(ed25519.publicKey))?.equals(ed25519.publicKey));
    for (const wrong of [spkiBase64(x25519.publicKey), '', 'AAAA', 'no base64 at all']) {
      assert.equal(ed25519OfSpki(wrong), undefined, wrong);
    }
  });
});
