import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FRAME, FRAME_HEAD_BYTES } from '@sallyport/app-gateway/ledger/verify/pack-format.ts';
import { verifyText } from '@sallyport/app-gateway/ledger/verify/verify-text.ts';
import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { type AuditedSite, busySite, exchange } from '../audited-site.ts';
import { codesOf, found, verify, verifySite, withByte } from './verifying.ts';

function replaceEntry(
  site: AuditedSite,
  index: number,
  change: (entry: LedgerEntry) => Partial<LedgerEntry>,
): void {
  const entry = site.ledger.list[index] as LedgerEntry;
  site.ledger.list[index] = { ...entry, ...change(entry) };
}

/** Its first day was dropped, as the gateway does it. */
function siteOfLessDays(): AuditedSite {
  const { site, sources } = busySite();
  const day = { day: '2026-11-20', firstIndex: 0, endIndex: 130, firstMs: 0, lastMs: 0 };
  site.ledger.dropped.push({ ...day, recordBytes: 0, droppedAtMs: 1 });
  const next = { day: '2026-11-21', firstIndex: 130n, previousDay: day.day };
  sources[0]?.write('day-begun', next);
  sources[0]?.write('day-dropped', { day: day.day, firstIndex: 0n, entries: 130n }).seal();
  site.checkpoint();
  return site;
}

function withoutFrames(pack: Buffer, kinds: readonly number[]): Buffer {
  let at = pack.indexOf('\n') + 1;
  const kept = [pack.subarray(0, at)];
  while (at < pack.length) {
    const end = at + FRAME_HEAD_BYTES + pack.readUInt32BE(at + 1);
    if (!kinds.includes(pack[at] ?? 0)) kept.push(pack.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

describe('a clean ledger', () => {
  for (const exchanges of [1, 2, 63, 200, 300]) {
    it(`of ${exchanges} exchanges passes, cut anywhere`, async () => {
      const { site } = busySite(exchanges);
      const pack = await site.pack();
      for (const chunkBytes of [7, 4096, pack.length]) {
        const report = verify(pack, { keys: site.publicKeys }, chunkBytes);
        assert.deepEqual(report.findings, []);
        assert.equal(report.isGood, true);
        assert.equal(report.provenSize, report.size);
        const root = site.ledger.stored.at(-1)?.note.split('\n')[2];
        assert.equal(report.provenRoot, root);
        assert.ok(verifyText(report).includes(`the signed root of ${report.size}, ${root};`));
        assert.equal(report.records, report.size);
        assert.deepEqual(report.witnessed?.nodes, ['edge-1', 'edge-2']);
      }
    });
  }

  it('passes with a checkpoint kept elsewhere, however old', async () => {
    const { site } = busySite();
    for (const { note } of site.ledger.stored) {
      assert.deepEqual((await verifySite(site, { knownCheckpoint: note })).findings, []);
    }
  });

  it('with a record of a later version is not good, for that and nothing else', async () => {
    const { site, sources } = busySite(4);
    sources[0]?.write('clock-stepped', { expectedMs: 1n }).writeOfLaterVersion(200).seal();
    const index = site.ledger.list.length - 2;
    site.checkpoint();
    const report = await verifySite(site);
    assert.deepEqual(codesOf(report), ['record-unknown']);
    assert.equal(report.isGood, false);
    assert.deepEqual(
      [found(report, 'record-unknown').index, found(report, 'record-unknown').detail],
      [index, 'record-type'],
    );
    assert.equal(report.sources[0]?.records, 8);
  });

  it('says when its keys are its own', async () => {
    const { site } = busySite(4);
    const report = verify(await site.pack());
    assert.deepEqual(codesOf(report), ['keys-not-pinned']);
    assert.equal(report.isGood, true);
  });

  for (const [from, to] of [
    [0, 0],
    [0, 2],
    [0, 100],
    [1, 427],
    [100, 300],
    [255, 257],
    [256, 427],
    [427, 427],
  ] as const) {
    it(`passes in part: records ${from} to ${to} to the whole tree's root`, async () => {
      const { site } = busySite();
      const report = verify(await site.pack({ from, to }), { keys: site.publicKeys });
      assert.equal(report.isGood, true, JSON.stringify(report.findings));
      assert.deepEqual(codesOf(report), [
        ...(to === 427 ? [] : ['after-not-here']),
        ...(from === 0 ? [] : ['before-not-here']),
      ]);
      assert.equal(report.provenSize, 427);
    });
  }

  //  taken out on   its cosignatures count, and there are doubts
  const former: readonly (readonly [string, boolean, readonly string[]])[] = [
    ['2026-11-21', true, []],
    ['2026-11-20', true, []],
    ['2026-11-19', false, ['cosignature-former']],
    ['2025-01-01', false, ['cosignature-former']],
  ];
  for (const [since, counts, codes] of former) {
    it(`passes with a host that was taken out of the site on ${since}: its seals are proved`, async () => {
      const { site } = busySite();
      const keys = { ...site.publicKeys, former: { 'edge-2': since } };
      const report = verify(await site.pack({}, keys), { keys });
      assert.equal(report.isGood, true, JSON.stringify(report.findings));
      assert.deepEqual(codesOf(report), codes);
      assert.deepEqual(report.witnessed?.nodes, counts ? ['edge-1', 'edge-2'] : ['edge-1']);
    });
  }

  it('passes without anything of a host that was taken out; of one of now there must be something', async () => {
    const { site } = busySite();
    const { witnesses } = site.publicKeys;
    const more = {
      ...site.publicKeys,
      witnesses: { ...witnesses, 'edge-9': witnesses['edge-1'] ?? '' },
    };
    const pack = await site.pack();
    assert.deepEqual(codesOf(verify(pack, { keys: more })), ['source-missing']);
    const keys = { ...more, former: { 'edge-9': '2026-11-21' } };
    assert.deepEqual(codesOf(verify(pack, { keys })), []);
  });

  it('does not pass without the key of a host that was taken out', async () => {
    const { site } = busySite();
    const { 'edge-2': _gone, ...witnesses } = site.publicKeys.witnesses;
    const report = verify(await site.pack(), { keys: { ...site.publicKeys, witnesses } });
    assert.deepEqual(codesOf(report), ['cosignature-unknown', 'seal-key-unknown']);
  });

  it('passes when a gateway was lost and its records came late', async () => {
    const { site, sources } = busySite(20);
    const [, proxy] = sources;
    assert.ok(proxy);
    proxy.isHolding = true;
    for (let number = 100; number < 130; number++) exchange(proxy, number);
    proxy.seal();
    const late = proxy.held.splice(0);
    proxy.isHolding = false;
    for (let number = 200; number < 230; number++) exchange(proxy, number);
    proxy.seal();
    for (const record of late) site.ledger.append(proxy.source, record);
    exchange(proxy, 300);
    proxy.seal();
    site.checkpoint();
    assert.deepEqual((await verifySite(site)).findings, []);
  });

  it('passes after days were dropped, with the record that says so', async () => {
    const site = siteOfLessDays();
    const report = await verifySite(site);
    assert.equal(report.isGood, true, JSON.stringify(report.findings));
    assert.equal(found(report, 'days-dropped').untilIndex, 130);
    assert.equal(report.provenSize, report.size);
  });
});

describe('a ledger whose first days were dropped, and a checkpoint from then', () => {
  const known = 91;

  it('fits where the file was written for it', async () => {
    const site = siteOfLessDays();
    const knownCheckpoint = site.ledger.stored[0]?.note ?? '';
    const keys = site.publicKeys;
    for (const range of [{}, { from: 200 }, { from: 200, to: 260 }]) {
      const report = verify(await site.pack({ ...range, known }), { keys, knownCheckpoint });
      assert.equal(report.isGood, true, JSON.stringify(report.findings));
      assert.equal(report.findings.filter(({ code }) => code.startsWith('known')).length, 0);
    }
  });

  it('does not fit where it is of another history', async () => {
    const site = siteOfLessDays();
    const other = site.rebuilt(busySite(20).site.ledger.list.slice(0, 40));
    exchange(other.source('edge-1', 0, 0x99n).open(), 1);
    while (other.ledger.list.length < known) exchange(other.source('edge-2', 0, 0x98n), 2);
    const size = other.ledger.list.length;
    const knownCheckpoint = other.checkpoint([]);
    const pack = await site.pack({ known: size });
    const report = verify(pack, { keys: site.publicKeys, knownCheckpoint });
    assert.equal(found(report, 'known-differs').detail, `size ${size}`);
  });

  it('is not passed over where the file cannot say', async () => {
    const site = siteOfLessDays();
    const knownCheckpoint = site.ledger.stored[0]?.note ?? '';
    const whole = await verifySite(site, { knownCheckpoint });
    assert.deepEqual(codesOf(whole), ['days-dropped', 'known-not-compared']);
    assert.equal(whole.isGood, false);
    const part = verify(await site.pack({ from: 200 }), { keys: site.publicKeys, knownCheckpoint });
    assert.equal(found(part, 'known-not-reached').severity, 'doubt');
  });
});

describe('a ledger that somebody changed', () => {
  it('no hashes stand for days that were dropped: nothing behind them is proved', async () => {
    const site = siteOfLessDays();
    const pack = await site.pack();
    const kinds: readonly number[] = [FRAME.subtrees, FRAME.tile];
    const report = verify(withoutFrames(pack, kinds), { keys: site.publicKeys });
    assert.deepEqual(codesOf(report), ['days-dropped', 'root-not-reached']);
    assert.equal(report.isGood, false);
  });

  it('one changed byte: names the record, and the span that the node sealed', async () => {
    const { site } = busySite();
    replaceEntry(site, 123, ({ record }) => ({ record: withByte(record, record.length - 1) }));
    const report = await verifySite(site);
    assert.equal(report.isGood, false);
    assert.equal(found(report, 'record-changed').index, 123);
    assert.ok(found(report, 'seal-records-wrong').source?.startsWith('edge-'));
  });

  it('any octet of any record is noticed', async () => {
    const { site } = busySite(1);
    for (const [index, { record }] of site.ledger.list.entries()) {
      for (let at = 0; at < record.length; at++) {
        site.ledger.list[index] = {
          ...(site.ledger.list[index] as LedgerEntry),
          record: withByte(record, at),
        };
        assert.equal((await verifySite(site)).isGood, false, `record ${index}, octet ${at}`);
      }
      site.ledger.list[index] = { ...(site.ledger.list[index] as LedgerEntry), record };
    }
  });

  it('one changed byte, and the tree’s hashes with it: names the stretch between two checkpoints', async () => {
    const { site } = busySite();
    const entries = site.ledger.list.map((entry) => ({ ...entry }));
    const entry = entries[123] as LedgerEntry;
    entries[123] = { ...entry, record: withByte(entry.record, entry.record.length - 1) };
    const forged = site.rebuilt(entries);
    for (const [key, tile] of forged.ledger.tiles) site.ledger.tiles.set(key, tile);
    site.ledger.list.splice(0, site.ledger.list.length, ...entries);
    const report = await verifySite(site);
    const wrong = found(report, 'root-wrong');
    assert.ok((wrong.index ?? 0) <= 123 && (wrong.untilIndex ?? 0) > 123, JSON.stringify(wrong));
    assert.equal(found(report, 'seal-records-wrong').severity, 'fault');
  });

  it('only a stored hash was changed: the records are right', async () => {
    const { site } = busySite();
    const tile = Buffer.from(site.ledger.tiles.get('0/0') as Buffer);
    tile[32 * 7] = (tile[32 * 7] ?? 0) ^ 1;
    site.ledger.tiles.set('0/0', tile);
    const report = await verifySite(site);
    assert.deepEqual(codesOf(report), ['hash-changed']);
    assert.equal(found(report, 'hash-changed').index, 7);
  });

  // Hashes of 256 records lie together: a tail within the last of them, at its edge, and across it.
  for (const end of [400, 257, 256, 255, 200]) {
    it(`dropped tail, from ${end} on`, async () => {
      const { site } = busySite();
      site.ledger.list.splice(end);
      const { index, untilIndex } = found(await verifySite(site), 'tail-missing');
      assert.deepEqual([index, untilIndex], [end, 427]);
    });
  }

  it('dropped middle', async () => {
    const { site } = busySite();
    site.ledger.list.splice(100, 10);
    const report = await verifySite(site);
    const { index, untilIndex } = found(report, 'records-missing');
    assert.deepEqual([index, untilIndex], [100, 110]);
    assert.ok(found(report, 'sequence-hole').source);
    // What is left is still proved: the stored hashes stand for what is gone.
    assert.equal(report.provenSize, 427);
  });

  it('dropped middle, and the rest moved up', async () => {
    const { site } = busySite();
    const rest = site.ledger.list.splice(100).slice(10);
    for (const entry of rest) site.ledger.list.push({ ...entry, index: entry.index - 10 });
    const report = await verifySite(site);
    assert.equal(found(report, 'tail-missing').index, 417);
    assert.equal(found(report, 'record-misplaced').detail, 'by 10');
    assert.ok(found(report, 'sequence-hole').source);
  });

  it('two records swapped', async () => {
    const { site } = busySite();
    const [one, other] = [site.ledger.list[50], site.ledger.list[61]] as [LedgerEntry, LedgerEntry];
    replaceEntry(site, 50, () => ({ record: other.record, source: other.source, seq: other.seq }));
    replaceEntry(site, 61, () => ({ record: one.record, source: one.source, seq: one.seq }));
    const swapped = found(await verifySite(site), 'records-swapped');
    assert.deepEqual([swapped.index, swapped.detail], [50, 'with 61']);
  });

  it('a record given to another source', async () => {
    const { site, sources } = busySite();
    const at = site.ledger.list.findIndex(
      ({ source, seq }) => source.node === 'edge-1' && seq === 5,
    );
    replaceEntry(site, at, () => ({ source: (sources[2] as (typeof sources)[0]).source }));
    const report = await verifySite(site);
    const twice = found(report, 'record-twice');
    assert.ok(twice.source?.startsWith('edge-2') && twice.seq === 5);
    assert.equal(found(report, 'sequence-hole').seq, 5);
  });

  it('a record that is here a second time', async () => {
    const { site } = busySite(20);
    const twice = site.ledger.list[9] as LedgerEntry;
    site.ledger.append(twice.source, twice.record);
    site.checkpoint();
    assert.equal(found(await verifySite(site), 'record-twice').seq, twice.seq);
  });
});
