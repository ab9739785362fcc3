import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { ledgerSigningKey } from '@sallyport/app-gateway/domain/ledger-keys.ts';
import { ledgerAccess } from '@sallyport/app-gateway/gateway/ledger-access.ts';
import { isLedgerKeys } from '@sallyport/app-gateway/ledger/verify/ledger-keys.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { TamperableLedger } from '../ledger/tamperable-ledger.ts';

describe('the ledger as commands read it', () => {
  const clusterKey = Buffer.alloc(32, 7);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const witness = { privateKey, publicKeys: new Map([['edge-1', publicKey]]), former: {} };

  it('comes with the public keys of ledger and witnesses, and with no private one', () => {
    const reader = new TamperableLedger();
    const access = ledgerAccess({ site: 'acme', clusterKey }, () => witness, reader);
    const signing = createPublicKey(ledgerSigningKey(clusterKey));
    assert.ok(isLedgerKeys(access?.keys));
    assert.equal(access.reader, reader);
    assert.deepEqual(access.keys, {
      origin: 'sallyport/acme',
      ledger: rawPublicKey(signing).toString('base64'),
      witnesses: { 'edge-1': rawPublicKey(publicKey).toString('base64') },
    });
  });

  it('comes with the keys of hosts that are no longer of the site, marked', () => {
    const key = Buffer.alloc(32, 9).toString('base64');
    const former = { 'edge-9': { key, since: '2026-11-21' } };
    const bundle = { site: 'acme', clusterKey };
    const access = ledgerAccess(bundle, () => ({ ...witness, former }), new TamperableLedger());
    assert.ok(isLedgerKeys(access?.keys));
    assert.deepEqual(Object.keys(access.keys.witnesses), ['edge-1', 'edge-9']);
    assert.equal(access.keys.witnesses['edge-9'], key);
    assert.deepEqual(access.keys.former, { 'edge-9': '2026-11-21' });
  });

  it('has the keys of a host that came with a reload', () => {
    const known = { ...witness };
    const bundle = { site: 'acme', clusterKey };
    const access = ledgerAccess(bundle, () => known, new TamperableLedger());
    known.publicKeys = new Map([...witness.publicKeys, ['edge-2', publicKey]]);
    assert.deepEqual(Object.keys(access?.keys.witnesses ?? {}), ['edge-1', 'edge-2']);
  });

  it('is not there without a database, or without witnesses', () => {
    const bundle = { site: 'acme', clusterKey };
    assert.equal(
      ledgerAccess(bundle, () => witness, undefined),
      undefined,
    );
    assert.equal(
      ledgerAccess(bundle, () => undefined, new TamperableLedger()),
      undefined,
    );
  });
});
