import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  auditSpoolKey,
  bodyHashSalt,
  keyText,
  ledgerFacts,
  ledgerOrigin,
  ledgerSigningKey,
} from '@sallyport/app-gateway/domain/ledger-keys.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { openBox, sealBox } from '@sallyport/shared/audit/sealed-box.ts';

const CLUSTER_KEY = Buffer.alloc(32, 7);

describe('keys of the ledger', () => {
  const rows = [
    ['signing', ledgerSigningKey, 'ed25519'],
    ['spool', auditSpoolKey, 'x25519'],
  ] as const;
  for (const [what, keyOf, kind] of rows) {
    it(`${what}: the same at every gateway, another with another cluster key`, () => {
      const key = keyOf(CLUSTER_KEY);
      assert.equal(key.asymmetricKeyType, kind);
      assert.ok(key.equals(keyOf(Buffer.from(CLUSTER_KEY))));
      assert.equal(key.equals(keyOf(Buffer.alloc(32, 8))), false);
    });
  }

  it('are of nothing else: neither tells of the other', () => {
    const [signing, spool] = [ledgerSigningKey(CLUSTER_KEY), auditSpoolKey(CLUSTER_KEY)];
    assert.notDeepEqual(signing.export({ format: 'jwk' }).d, spool.export({ format: 'jwk' }).d);
  });

  it('open what was sealed to the public half', () => {
    const key = auditSpoolKey(CLUSTER_KEY);
    const box = sealBox(rawPublicKey(createPublicKey(key)), Buffer.from('plain'), 'info');
    assert.deepEqual(openBox(key, box, 'info'), { ok: true, value: Buffer.from('plain') });
  });

  it('are told to proxies by their public halves, with a salt that is nothing of them', () => {
    const facts = ledgerFacts('acme', CLUSTER_KEY);
    assert.deepEqual(facts, {
      spoolKey: keyText(auditSpoolKey(CLUSTER_KEY)),
      ledgerKey: keyText(ledgerSigningKey(CLUSTER_KEY)),
      origin: 'sallyport/acme',
      bodyHashSalt: bodyHashSalt(CLUSTER_KEY).toString('base64'),
    });
    const spoken = Object.values(facts).join();
    for (const key of [auditSpoolKey(CLUSTER_KEY), ledgerSigningKey(CLUSTER_KEY)]) {
      const secret = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
      assert.ok(!spoken.includes(secret.toString('base64')));
    }
    assert.equal(bodyHashSalt(CLUSTER_KEY).length, 32);
    assert.notDeepEqual(bodyHashSalt(CLUSTER_KEY), bodyHashSalt(Buffer.alloc(32, 8)));
  });

  it('have one text for their public half, from either half', () => {
    const key = ledgerSigningKey(CLUSTER_KEY);
    assert.equal(keyText(key), keyText(createPublicKey(key)));
    const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
    assert.equal(keyText(key), Buffer.from(x, 'base64url').toString('base64'));
  });

  it('belong to a ledger with the site’s name', () => {
    assert.equal(ledgerOrigin('acme'), 'sallyport/acme');
  });
});
