import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FindingCode } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { SEALED_RECORDS_MAX } from '@sallyport/shared/audit/seal.ts';
import { AuditedSite, busySite, exchange } from '../audited-site.ts';
import { codesOf, found, verify, verifySite, withByte } from './verifying.ts';

interface Ending {
  readonly epoch?: bigint;
  readonly seal?: 'last' | 'other';
  readonly lasting?: number;
}

describe('streams that end or are not there', () => {
  it('an unsealed tail of a run that goes on: fine within seconds, then a doubt', async () => {
    const { site, sources } = busySite(20);
    const proxy = sources[1] as (typeof sources)[0];
    exchange(proxy, 77);
    site.checkpoint();
    const fresh = await verifySite(site);
    assert.deepEqual(fresh.findings, []);
    assert.equal(fresh.sources.find(({ source }) => source.startsWith('edge-1'))?.unsealed, 2);
    site.nowMs += 11_000;
    exchange(sources[2] as (typeof sources)[0], 78);
    sources[2]?.seal();
    site.checkpoint();
    const later = await verifySite(site);
    assert.deepEqual([codesOf(later), later.isGood], [['tail-not-yet-sealed'], true]);
  });

  const endings: readonly (readonly [string, Ending, FindingCode])[] = [
    ['the next run names it', { epoch: 0x11n }, 'tail-unsealed-after-kill'],
    [
      'the next run names it and its seal',
      { epoch: 0x11n, seal: 'last' },
      'tail-unsealed-after-kill',
    ],
    ['the next run names another seal', { epoch: 0x11n, seal: 'other' }, 'seals-end-early'],
    [
      'the next run names one that was killed at once',
      { epoch: 0x10n },
      'tail-unsealed-after-kill',
    ],
    ['the next run names a seal of another', { epoch: 0x10n, seal: 'last' }, 'tail-unsealed'],
    ['the next run names none', {}, 'tail-unsealed'],
    ['it is as long as no kill leaves', { epoch: 0x11n, lasting: 10_001 }, 'tail-unsealed'],
  ];
  for (const [name, { epoch, seal, lasting = 0 }, code] of endings) {
    it(`an unsealed tail of a run that ended: ${name}`, async () => {
      const { site, sources } = busySite(20);
      const proxy = sources[1] as (typeof sources)[0];
      const seals = {
        last: proxy.lastSeal,
        other: { seq: proxy.lastSeal?.seq ?? 0, hash: Buffer.alloc(32, 9) },
      };
      const told = seal === undefined ? undefined : seals[seal];
      exchange(proxy, 77);
      site.nowMs += lasting;
      exchange(proxy, 78);
      const previous = epoch === undefined ? undefined : { epoch, ...(told && { seal: told }) };
      site.source('edge-1', 0, 0x12n).open(previous).seal();
      site.checkpoint();
      const report = await verifySite(site);
      const finding = found(report, code);
      assert.ok(finding.source?.startsWith('edge-1/0/'), JSON.stringify(finding));
      if (code !== 'seals-end-early') assert.equal(finding.detail, '4 records');
      assert.equal(report.isGood, code === 'tail-unsealed-after-kill');
    });
  }

  it('a part that begins behind a seal: its first records are those of the next one', async () => {
    const { site } = busySite(80);
    const isOfProxy = ({ source }: { source: { node: string } }) => source.node === 'edge-1';
    const ofProxy = site.ledger.list.filter(isOfProxy);
    const sealAt = ofProxy.findIndex(({ record }) => record[3] === AUDIT_TYPE.seal);
    const [first, changed] = ofProxy.slice(sealAt + 1);
    const entries = site.ledger.list.map((entry) =>
      entry === changed
        ? { ...entry, record: withByte(entry.record, entry.record.length - 1) }
        : entry,
    );
    const from = first?.index ?? 0;
    const honest = verify(await site.pack({ from }), { keys: site.publicKeys });
    assert.deepEqual(codesOf(honest), ['before-not-here']);
    // Whoever has the keys of ledger and witnesses, and not the proxy's.
    const forged = site.rebuilt(entries, ['edge-2']);
    const report = verify(await forged.pack({ from }), { keys: site.publicKeys });
    const { source, seq } = found(report, 'seal-records-wrong');
    assert.deepEqual([source, seq], [`edge-1/0/0000000000000011`, first?.seq]);
  });

  it('more records without a seal than any node writes', async () => {
    const { site, sources } = busySite(2);
    const proxy = sources[1] as (typeof sources)[0];
    for (let number = 0; number * 2 <= SEALED_RECORDS_MAX; number++) exchange(proxy, number);
    site.checkpoint();
    found(await verifySite(site), 'seal-late');
  });

  it('a proxy whose records are all gone, tree and signature made anew', async () => {
    const { site } = busySite();
    const forged = site.rebuilt(site.ledger.list.filter(({ source }) => source.node !== 'edge-2'));
    const { detail } = found(await verifySite(forged), 'source-missing');
    assert.equal(detail, 'edge-2, to which gateway-1/0/0000000000000060 had a channel');
  });

  it('a proxy that is named by its key alone', async () => {
    const site = new AuditedSite();
    site.source('edge-1', 0, 1n).open().seal();
    site.source('gateway-1', 0, 1n).open().seal();
    site.checkpoint();
    assert.equal(found(await verifySite(site), 'source-missing').detail, 'edge-2');
  });

  it('a run whose seals the next one knows', async () => {
    const { site, sources } = busySite(20);
    const seal = sources[1]?.lastSeal;
    assert.ok(seal);
    site.source('edge-1', 0, 0x12n).open({ epoch: 0x11n, seal }).seal();
    const forged = site.rebuilt(
      site.ledger.list.filter(({ source }) => source.epoch !== 0x11n),
      ['edge-1'],
    );
    found(await verifySite(forged), 'run-missing');
  });

  it('a killed run of which the next one names an older seal', async () => {
    const { site, sources } = busySite(20);
    const proxy = sources[1] as (typeof sources)[0];
    const seal = proxy.lastSeal;
    assert.ok(seal);
    for (let second = 0; second < 40; second++) {
      exchange(proxy, 100 + second);
      proxy.seal();
    }
    site.source('edge-1', 0, 0x12n).open({ epoch: 0x11n, seal }).seal();
    site.checkpoint();
    assert.deepEqual((await verifySite(site)).findings, []);
    const upTo = (end: number) =>
      site.rebuilt(
        site.ledger.list.filter(({ source, seq }) => source.epoch !== 0x11n || seq < end),
        ['edge-1', 'edge-2'],
      );
    assert.deepEqual(codesOf(await verifySite(upTo(seal.seq + 1))), []);
    const cut = await verifySite(upTo(seal.seq));
    assert.equal(found(cut, 'seals-end-early').seq, seal.seq);
  });

  describe('where the first days were dropped', () => {
    /** Two runs of edge-1 after those days, the end or all of one held back by whoever signs the tree. */
    const heldBack = async (isGone: (epoch: bigint, seq: number) => boolean, tails = 0) => {
      const { site, sources } = busySite(100);
      const [gateway, first] = sources;
      const end = site.ledger.list.length - 40;
      const open = (epoch: bigint, before: (typeof sources)[0] | undefined) => {
        const seal = before?.lastSeal;
        assert.ok(before && seal);
        const run = site.source('edge-1', 0, epoch).open({ epoch: before.source.epoch, seal });
        for (let number = 0; number < 9; number++) exchange(run, number);
        run.seal();
        for (let number = 0; number < tails; number++) exchange(run, number);
        return run;
      };
      open(0x14n, open(0x13n, open(0x12n, first)));
      const day = { day: '2026-11-20', firstIndex: 0, endIndex: end, firstMs: 0, lastMs: 0 };
      const next = { day: '2026-11-21', firstIndex: BigInt(end), previousDay: day.day };
      gateway?.write('day-begun', next);
      gateway?.write('day-dropped', { day: day.day, firstIndex: 0n, entries: BigInt(end) }).seal();
      const forged = site.rebuilt(
        site.ledger.list.filter(({ source, seq }) => !isGone(source.epoch, seq)),
        ['edge-1', 'edge-2'],
      );
      forged.ledger.dropped.push({ ...day, recordBytes: 0, droppedAtMs: 1 });
      return verifySite(forged);
    };

    it('nothing is said of runs that may lie there', async () => {
      assert.deepEqual(codesOf(await heldBack(() => false)), ['days-dropped']);
      const report = await heldBack((epoch) => epoch === 0x12n);
      assert.deepEqual(codesOf(report), ['days-dropped']);
    });

    it('a run is missing that came after one that begins later', async () => {
      const report = await heldBack((epoch) => epoch === 0x13n);
      assert.deepEqual(codesOf(report), ['days-dropped', 'run-missing']);
    });

    it('the end of a run is missing that goes on after them', async () => {
      const report = await heldBack((epoch, seq) => epoch === 0x12n && seq > 9);
      assert.ok(found(report, 'seals-end-early').source?.endsWith('12'));
    });

    it('all of a run is missing up to its last seal, and it came after one that begins later', async () => {
      const isGone = (epoch: bigint, seq: number) => epoch === 0x13n && seq <= 19;
      assert.ok(found(await heldBack(isGone, 1), 'seals-end-early').source?.endsWith('13'));
      assert.ok(!codesOf(await heldBack(() => false, 1)).includes('seals-end-early'));
    });
  });

  it('a run is sealed in what was dropped behind it, and others came since', async () => {
    const { site, sources } = busySite(20);
    const [gateway, proxy] = sources;
    assert.ok(gateway && proxy);
    exchange(proxy, 900);
    const end = site.ledger.list.length;
    site.nowMs += 60_000;
    proxy.seal();
    const between = site.source('edge-1', 0, 0x12n).open({ epoch: 0x11n }).seal();
    const behind = site.ledger.list.length;
    const seal = between.lastSeal;
    site
      .source('edge-1', 0, 0x13n)
      .open({ epoch: 0x12n, ...(seal && { seal }) })
      .seal();
    const places = { firstIndex: BigInt(end), entries: BigInt(behind - end) };
    const begun = { day: '2026-11-21', firstIndex: BigInt(behind), previousDay: '2026-11-20' };
    gateway.write('day-begun', begun);
    gateway.write('day-dropped', { day: '2026-11-20', ...places }).seal();
    site.checkpoint();
    assert.deepEqual(codesOf(await verifySite(site)), []);
    const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
    const day = { day: '2026-11-20', firstIndex: end, endIndex: behind };
    site.ledger.dropped.push({ ...day, ...rest });
    assert.deepEqual(codesOf(await verifySite(site)), ['days-dropped']);
  });

  it('a killed run of which only what came behind its last seal is here', async () => {
    const { site, sources } = busySite(20);
    const [gateway, proxy] = sources;
    assert.ok(gateway && proxy);
    const seal = proxy.lastSeal;
    const from = site.ledger.list.length;
    exchange(proxy, 900);
    site
      .source('edge-1', 0, 0x12n)
      .open({ epoch: 0x11n, ...(seal && { seal }) })
      .seal();
    const next = { firstIndex: BigInt(from), previousDay: '2026-11-20' };
    gateway.write('day-begun', { day: '2026-11-21', ...next });
    const places = { firstIndex: 0n, entries: BigInt(from) };
    gateway.write('day-dropped', { day: '2026-11-20', ...places }).seal();
    site.checkpoint();
    assert.deepEqual(codesOf(await verifySite(site)), ['tail-unsealed-after-kill']);
    const part = verify(await site.pack({ from }), { keys: site.publicKeys });
    assert.deepEqual(codesOf(part), ['days-dropped', 'tail-unsealed-after-kill']);
    const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
    site.ledger.dropped.push({ day: '2026-11-20', firstIndex: 0, endIndex: from, ...rest });
    assert.deepEqual(codesOf(await verifySite(site)), ['days-dropped', 'tail-unsealed-after-kill']);
  });

  it('a killed run whose last seal was dropped between records that are here', async () => {
    const { site, sources } = busySite(20);
    const [gateway, proxy] = sources;
    assert.ok(gateway && proxy);
    exchange(proxy, 900);
    const end = site.ledger.list.length;
    const seal = proxy.seal().lastSeal;
    const behind = site.ledger.list.length;
    exchange(proxy, 901);
    site
      .source('edge-1', 0, 0x12n)
      .open({ epoch: 0x11n, ...(seal && { seal }) })
      .seal();
    const places = { firstIndex: BigInt(end), entries: BigInt(behind - end) };
    const begun = { day: '2026-11-21', firstIndex: BigInt(behind), previousDay: '2026-11-20' };
    gateway.write('day-begun', begun);
    gateway.write('day-dropped', { day: '2026-11-20', ...places }).seal();
    site.checkpoint();
    assert.deepEqual(codesOf(await verifySite(site)), ['tail-unsealed-after-kill']);
    const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
    site.ledger.dropped.push({ day: '2026-11-20', firstIndex: end, endIndex: behind, ...rest });
    assert.deepEqual(codesOf(await verifySite(site)), ['days-dropped', 'tail-unsealed-after-kill']);
  });

  it('a run that was killed before anything arrived is a doubt', async () => {
    const { site, sources } = busySite(20);
    sources[1]?.seal();
    site.source('edge-1', 0, 0x13n).open({ epoch: 0x12n }).seal();
    site.checkpoint();
    const report = await verifySite(site);
    assert.deepEqual([codesOf(report), report.isGood], [['run-unknown'], true]);
  });

  it('a source whose end was cut with its seals, beside a later run', async () => {
    const { site, sources } = busySite(40);
    const proxy = sources[1] as (typeof sources)[0];
    const seal = proxy.lastSeal;
    assert.ok(seal);
    site.source('edge-1', 0, 0x12n).open({ epoch: 0x11n, seal }).seal();
    const kept = site.ledger.list.filter(
      ({ source, seq }) => source.epoch !== 0x11n || seq < proxy.nextSeq - 5,
    );
    assert.equal(
      found(await verifySite(site.rebuilt(kept, ['edge-1'])), 'seals-end-early').seq,
      proxy.nextSeq - 5,
    );
  });

  it('records that a source says it lost are told, and no fault', async () => {
    const { site, sources } = busySite(20);
    sources[1]?.write('gap', { lostRecords: 7, lostFromMs: 1n, lostUntilMs: 2n }).seal();
    site.checkpoint();
    const report = await verifySite(site);
    assert.deepEqual([report.declaredLost, report.isGood], [7, true]);
    assert.equal(found(report, 'gap-declared').detail, '7 records');
  });

  it('a stream that says it is another', async () => {
    const site = new AuditedSite(['edge-1']);
    const record = { node: 'edge-9', worker: 0, epoch: 5n, programVersion: '1' };
    site.ledger.append(
      { node: 'edge-1', worker: 0, epoch: 5n },
      encodeRecord({ type: 'stream-opened', timeMs: site.nowMs, seq: 0, fields: record }),
    );
    site.checkpoint(['edge-1']);
    found(await verifySite(site), 'stream-misattributed');
  });
});
