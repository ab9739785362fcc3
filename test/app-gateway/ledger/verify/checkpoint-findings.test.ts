import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { AuditedSite, busySite, exchange, ORIGIN } from '../audited-site.ts';
import { codesOf, found, verify, verifySite, withByte } from './verifying.ts';

describe('a ledger that is signed by the wrong hands', () => {
  it('replaced ledger key', async () => {
    const { site } = busySite();
    const { publicKeys } = site;
    const thief = generateKeyPairSync('ed25519').privateKey;
    site.ledger.stored.splice(0);
    site.ledger.checkpoint(ORIGIN, thief, {}, site.nowMs);
    const forgedKeys = { ...publicKeys, ledger: rawPublicKey(thief).toString('base64') };
    const pack = await site.pack({}, forgedKeys);
    const pinned = verify(pack, { keys: publicKeys });
    assert.equal(pinned.isGood, false);
    found(pinned, 'ledger-key-wrong');
    // The file's own keys cannot help the thief against the witnesses.
    found(verify(pack), 'cosignatures-missing');
  });

  it('replaced ledger key, witnesses’ keys and all: only keys kept elsewhere help, and it says so', async () => {
    const { site } = busySite();
    const other = new AuditedSite();
    const pack = await site.rebuilt(site.ledger.list).pack({}, other.publicKeys);
    assert.ok(codesOf(verify(pack)).includes('keys-not-pinned'));
    found(verify(pack, { keys: other.publicKeys }), 'ledger-key-wrong');
  });

  it('re-signed history: a record changed by who has the ledger’s key', async () => {
    const { site } = busySite();
    const entries = [...site.ledger.list];
    const entry = entries[123] as LedgerEntry;
    entries[123] = { ...entry, record: withByte(entry.record, entry.record.length - 1) };
    const report = await verifySite(site.rebuilt(entries));
    found(report, 'cosignatures-missing');
    found(report, 'seal-records-wrong');
    assert.equal(report.provenSize, report.size, 'the ledger’s own signature fits');
  });

  it('re-signed history with the old cosignatures below it', async () => {
    const { site } = busySite();
    const forged = site.rebuilt(site.ledger.list.slice(0, -2));
    const old = site.ledger.stored.at(-1);
    const stored = forged.ledger.stored[0];
    assert.ok(old && stored);
    forged.ledger.stored[0] = { ...stored, cosignatures: old.cosignatures };
    assert.equal(
      found(await verifySite(forged), 'cosignature-wrong').detail,
      `edge-1, size ${stored.size}`,
    );
  });

  it('re-signed history beside a checkpoint that witnesses still have', async () => {
    const { site } = busySite();
    const witnessed = site.ledger.stored.at(-1);
    assert.ok(witnessed);
    const entries = [...site.ledger.list];
    [entries[30], entries[31]] = [entries[31] as LedgerEntry, entries[30] as LedgerEntry];
    const forged = site.rebuilt(entries);
    const known = `${witnessed.note}${Object.values(witnessed.cosignatures).join('')}`;
    found(await verifySite(forged, { knownCheckpoint: known }), 'known-differs');
    forged.ledger.stored.push(witnessed);
    found(await verifySite(forged), 'checkpoint-conflict');
  });

  it('records that no witness has signed: since when', async () => {
    const { site, sources } = busySite();
    const signedMs = site.nowMs;
    const index = site.ledger.list.length;
    site.nowMs += 3 * 86_400_000;
    exchange(sources[1] as (typeof sources)[0], 900);
    sources[1]?.seal();
    site.checkpoint([]);
    const report = await verifySite(site);
    const { index: from, untilIndex, detail = '' } = found(report, 'cosignatures-late');
    assert.deepEqual([from, untilIndex], [index, site.ledger.list.length]);
    const [signed, newest] = Array.from(detail.matchAll(/[\d-]+T[\d:.]+Z/g), ([time]) =>
      Date.parse(time),
    );
    assert.deepEqual(signed, Math.floor(signedMs / 1000) * 1000);
    assert.deepEqual(newest, site.nowMs - 1);
  });

  it('an old copy replayed: a checkpoint kept elsewhere is of more', async () => {
    const { site, sources } = busySite();
    const old = await site.pack();
    exchange(sources[1] as (typeof sources)[0], 900);
    sources[1]?.seal();
    const knownCheckpoint = site.checkpoint();
    assert.equal(verify(old, { keys: site.publicKeys }).isGood, true);
    const report = verify(old, { keys: site.publicKeys, knownCheckpoint });
    assert.deepEqual([found(report, 'older-than-known').index, report.isGood], [427, false]);
  });

  it('a checkpoint that nobody known signed proves nothing', async () => {
    const { site } = busySite(4);
    const other = busySite(4).site;
    const [stored] = other.ledger.stored;
    found(await verifySite(site, { knownCheckpoint: stored?.note ?? '' }), 'known-not-signed');
    found(await verifySite(site, { knownCheckpoint: 'no checkpoint' }), 'known-not-signed');
  });

  it('a seal that another node signed', async () => {
    const site = new AuditedSite();
    for (const node of site.keys.keys()) {
      const key = node === 'edge-2' ? site.keys.get('edge-1') : site.keys.get(node);
      site.keys.set(node, key as never);
      site.source(node, 0, 1n).open().seal();
    }
    const { publicKeys } = site;
    site.checkpoint(['edge-1']);
    const keys = {
      ...publicKeys,
      witnesses: {
        ...publicKeys.witnesses,
        'edge-2': rawPublicKey(generateKeyPairSync('ed25519').privateKey).toString('base64'),
      },
    };
    assert.ok(
      found(verify(await site.pack(), { keys }), 'seal-signature-wrong').source?.startsWith(
        'edge-2',
      ),
    );
  });
});
