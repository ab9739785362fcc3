import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MlDsa } from '@sallyport/shared/x509/ml-dsa.ts';
import { authorityKeyId, keyUsage, mlDsaKey, mlDsaSigned } from '../../x509-builder.ts';
import { authority, below, type Entity, root, under } from './path-stage.ts';

const DOMAIN = 'peer.example';

function anchorOf(kind: MlDsa): Entity {
  return authority({ subject: 'CN=lattice', key: mlDsaKey(kind), ...mlDsaSigned(kind) });
}

describe('paths of ML-DSA, as RFC 9881 and x509-limbo have them', () => {
  for (const kind of ['ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'] as const) {
    const anchor = anchorOf(kind);
    const leaf = { key: mlDsaKey(kind), ...mlDsaSigned(kind) };
    it(`${kind} throughout is accepted`, () => {
      assert.equal(under(anchor, leaf, DOMAIN), 'accepted');
    });
    it(`${kind} signed by another key of the issuer's name is refused`, () => {
      const impostor = { ...anchor, key: mlDsaKey(kind) };
      const hinted = { ...leaf, authorityKeyId: authorityKeyId(anchor.key) };
      const issuer = { issuer: { subject: anchor.subject, key: impostor.key } };
      assert.equal(under(anchor, { ...hinted, ...issuer }, DOMAIN), 'path-signature-bad');
    });
    for (const [usage, bit] of [
      ['keyEncipherment', 2],
      ['keyAgreement', 4],
    ] as const) {
      it(`${kind} with ${usage} is refused`, () => {
        const misused = { ...leaf, keyUsage: keyUsage(0, bit) };
        assert.equal(under(anchor, misused, DOMAIN), 'path-key-usage-refused');
      });
    }
  }

  it('an anchor of P-256 vouches for an authority of ML-DSA, and that for a leaf of P-256', () => {
    const middle = authority({ subject: 'CN=middle', key: mlDsaKey('ml-dsa-87') }, root);
    assert.equal(below(middle, mlDsaSigned('ml-dsa-87'), DOMAIN), 'accepted');
  });
});
