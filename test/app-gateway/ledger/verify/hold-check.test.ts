import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { formatSource } from '@sallyport/shared/audit/source.ts';
import { type AuditedSite, busySite, type RecordingSource } from '../audited-site.ts';
import { codesOf, found, verifySite } from './verifying.ts';

const DAY = '2026-11-20';
const HOUR_MS = 3_600_000;

/** What is on record before the day goes, and after. */
interface Course {
  readonly held?: { readonly firstDay: string; readonly lastDay: string };
  readonly afterMs?: number;
  readonly isLifted?: boolean;
  readonly isOnlyAnnounced?: boolean;
  readonly isLiftedLater?: boolean;
}

/** A day under a hold, and the next one has begun. */
function heldSite() {
  const { site, sources } = busySite(100);
  const [gateway] = sources;
  assert.ok(gateway);
  gateway.write('day-begun', { day: '2026-11-21', firstIndex: 130n, previousDay: DAY });
  const hold = { hold: 'case-7', author: 'anna', firstDay: '2026-11-01', lastDay: DAY };
  gateway.write('hold-set', hold).seal();
  site.nowMs += HOUR_MS;
  return { site, gateway };
}

/** The day's records are gone. */
function withoutDay(site: AuditedSite): void {
  const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
  site.ledger.dropped.push({ day: DAY, firstIndex: 0, endIndex: 130, ...rest });
  site.checkpoint();
}

async function verdictAfter({
  held = { firstDay: '2026-11-01', lastDay: DAY },
  afterMs = HOUR_MS,
  isLifted = false,
  isOnlyAnnounced = false,
  isLiftedLater = false,
}: Course) {
  const { site, sources } = busySite(100);
  const [gateway] = sources;
  assert.ok(gateway);
  gateway.write('day-begun', { day: '2026-11-21', firstIndex: 130n, previousDay: DAY });
  gateway.write('hold-set', { hold: 'case-7', author: 'anna', ...held });
  if (isLifted) gateway.write('hold-lifted', { hold: 'case-7', author: 'anna' });
  gateway.seal();
  site.nowMs += afterMs;
  gateway.write('day-dropped', { day: DAY, firstIndex: 0n, entries: 130n });
  site.nowMs += HOUR_MS;
  if (isLiftedLater) gateway.write('hold-lifted', { hold: 'case-7', author: 'anna' });
  gateway.seal();
  const day = { day: DAY, firstIndex: 0, endIndex: 130, firstMs: 0, lastMs: 0, recordBytes: 0 };
  if (!isOnlyAnnounced) site.ledger.dropped.push({ ...day, droppedAtMs: 1 });
  site.checkpoint();
  return verifySite(site);
}

/** Under seals of that source the hold is lifted and the day dropped: where the first of it stands. */
function liftsAndDrops(site: AuditedSite, forged: RecordingSource): number {
  forged.write('hold-lifted', { hold: 'case-7', author: 'anna' }).seal();
  const index = site.ledger.list.length - 2;
  site.nowMs += HOUR_MS;
  forged.write('day-dropped', { day: DAY, firstIndex: 0n, entries: 130n }).seal();
  withoutDay(site);
  return index;
}

describe('a day that a legal hold was on', () => {
  const broken: readonly (readonly [string, Course])[] = [
    ['was dropped', {}],
    ['was dropped, and the hold lifted only later', { isLiftedLater: true }],
    ['was the only one under the hold', { held: { firstDay: DAY, lastDay: DAY } }],
  ];
  for (const [name, course] of broken) {
    it(name, async () => {
      const report = await verdictAfter(course);
      const { index, untilIndex, detail } = found(report, 'hold-broken');
      assert.deepEqual([index, untilIndex], [0, 130]);
      assert.equal(detail, `day ${DAY}, hold case-7`);
      assert.equal(report.isGood, false);
    });
  }

  const lawful: readonly (readonly [string, Course])[] = [
    ['was dropped after the hold was lifted', { isLifted: true }],
    ['was not of the days before', { held: { firstDay: '2026-11-01', lastDay: '2026-11-19' } }],
    ['was not of the days after', { held: { firstDay: '2026-11-21', lastDay: '2026-11-22' } }],
    ['was dropped by another gateway at once', { afterMs: 59_000 }],
  ];
  for (const [name, course] of lawful) {
    it(`says nothing where it ${name}`, async () => {
      assert.deepEqual(codesOf(await verdictAfter(course)), ['days-dropped']);
    });
  }

  it('was dropped by whoever owns the database, who lifted the hold in a run of his own', async () => {
    const { site } = heldSite();
    const forged = site.source('gateway-1', 9, 0x99n).open();
    forged.write('hold-lifted', { hold: 'case-7', author: 'anna' });
    site.nowMs += HOUR_MS;
    forged.write('day-dropped', { day: DAY, firstIndex: 0n, entries: 130n });
    withoutDay(site);
    const report = await verifySite(site);
    const { untilIndex, detail } = found(report, 'records-missing');
    assert.deepEqual([untilIndex, detail], [130, 'dropped, says a record without a seal']);
    assert.equal(report.isGood, false);
  });

  it('is broken where only what nobody sealed says that the hold was lifted', async () => {
    const { site, gateway } = heldSite();
    site.source('gateway-1', 9, 0x99n).open().write('hold-lifted', { hold: 'case-7' });
    site.nowMs += HOUR_MS;
    gateway.write('day-dropped', { day: DAY, firstIndex: 0n, entries: 130n }).seal();
    withoutDay(site);
    assert.deepEqual(codesOf(await verifySite(site)), [
      'days-dropped',
      'hold-broken',
      'tail-not-yet-sealed',
    ]);
  });

  it('was dropped with the stolen key of a proxy', async () => {
    const { site } = heldSite();
    const forged = site.source('edge-1', 9, 0x99n).open();
    const index = liftsAndDrops(site, forged);
    const report = await verifySite(site);
    assert.deepEqual(codesOf(report), ['days-dropped', 'record-of-gateway']);
    const fault = found(report, 'record-of-gateway');
    assert.deepEqual([fault.index, fault.source], [index, formatSource(forged.source)]);
    assert.equal(report.isGood, false);
  });

  it('was dropped with the stolen key of a proxy that no partner has spoken to yet', async () => {
    const { site, gateway } = heldSite();
    site.keys.set('edge-3', generateKeyPairSync('ed25519').privateKey);
    site
      .source('edge-3', 0, 0x31n)
      .open()
      .write('channel-opened', { peerNode: 'gateway-1' })
      .seal();
    gateway.write('channel-opened', { peerNode: 'edge-3', connection: 0 }).seal();
    const forged = site.source('edge-3', 9, 0x99n).open();
    const index = liftsAndDrops(site, forged);
    const report = await verifySite(site);
    assert.deepEqual(codesOf(report), ['days-dropped', 'record-of-gateway']);
    const fault = found(report, 'record-of-gateway');
    assert.deepEqual([fault.index, fault.source], [index, formatSource(forged.source)]);
    assert.equal(fault.detail, `${formatSource(gateway.source)} had a channel to it`);
  });

  for (const [when, since, isForged] of [
    ['long before it', '2026-08-01', true],
    ['lately, and may have gone on for some days', '2026-11-01', false],
  ] as const) {
    it(`was dropped with the key of a gateway that was taken out ${when}`, async () => {
      const { site } = heldSite();
      site.keys.set('gateway-9', generateKeyPairSync('ed25519').privateKey);
      const forged = site.source('gateway-9', 0, 0x99n).open();
      const index = liftsAndDrops(site, forged);
      const keys = { ...site.publicKeys, former: { 'gateway-9': since } };
      const report = await verifySite(site, { keys });
      const faults = ['host-former', 'records-missing', 'stream-start-missing'];
      assert.deepEqual(codesOf(report), isForged ? faults : ['days-dropped']);
      if (!isForged) return;
      const { index: at, source, detail } = found(report, 'host-former');
      assert.deepEqual([at, source], [index, formatSource(forged.source)]);
      assert.equal(detail, `taken out on ${since}`);
    });
  }

  it('was dropped by what had been said of it before it was kept, said once more in another run', async () => {
    const { site, sources } = busySite(100);
    const [gateway] = sources;
    assert.ok(gateway);
    gateway.write('day-begun', { day: '2026-11-21', firstIndex: 130n, previousDay: DAY }).seal();
    gateway.write('day-begun', { day: '2026-11-22', firstIndex: 209n, previousDay: '2026-11-21' });
    gateway.write('day-dropped', { day: '2026-11-21', firstIndex: 130n, entries: 79n }).seal();
    const at = site.ledger.list.length;
    gateway.write('day-dropped', { day: DAY, firstIndex: 0n, entries: 130n }).seal();
    const hold = { hold: 'case-7', author: 'anna', firstDay: '2026-11-01', lastDay: DAY };
    gateway.write('hold-set', hold).seal();
    const treeSize = BigInt(site.ledger.list.length);
    gateway.write('day-kept', { day: DAY, treeSize, firstIndex: 0n, entries: 130n }).seal();
    const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
    site.ledger.dropped.push({ day: '2026-11-21', firstIndex: 130, endIndex: 209, ...rest });
    site.checkpoint();
    assert.deepEqual(codesOf(await verifySite(site)), ['days-dropped']);
    const repeated = { ...gateway.source, epoch: 0x77n };
    const index = site.ledger.list.length;
    for (const { record } of site.ledger.list.slice(at, at + 2)) {
      site.ledger.append(repeated, record);
    }
    withoutDay(site);
    const report = await verifySite(site);
    const faults = ['record-twice', 'records-missing', 'stream-start-missing'];
    assert.deepEqual(codesOf(report), faults);
    const twice = found(report, 'record-twice');
    assert.deepEqual([twice.index, twice.source], [index, formatSource(repeated)]);
    assert.equal(twice.detail, `${formatSource(gateway.source)} has the same`);
  });

  /** Another gateway lifts the hold and drops the day, while the one that had set it is away. */
  const withLateSetter = async (settings: readonly number[], liftedMs: number) => {
    const { site, sources } = busySite(100);
    const [setter] = sources;
    assert.ok(setter);
    setter.write('day-begun', { day: '2026-11-21', firstIndex: 130n, previousDay: DAY });
    const startMs = site.nowMs;
    site.keys.set('gateway-2', generateKeyPairSync('ed25519').privateKey);
    const other = site.source('gateway-2', 0, 0x62n).open();
    setter.isHolding = true;
    for (const atMs of settings) {
      site.nowMs = startMs + atMs;
      setter.write('hold-set', { hold: 'case-7', author: 'anna', firstDay: DAY, lastDay: DAY });
    }
    setter.seal();
    site.nowMs = startMs + liftedMs;
    other.write('hold-lifted', { hold: 'case-7', author: 'anna' }).seal();
    site.nowMs = startMs + 10 * HOUR_MS;
    other.write('day-dropped', { day: DAY, firstIndex: 0n, entries: 130n }).seal();
    setter.deliverHeld();
    withoutDay(site);
    return verifySite(site);
  };

  it('says nothing where it was dropped after the hold was lifted, and the record of setting it came last', async () => {
    assert.deepEqual(codesOf(await withLateSetter([0], HOUR_MS)), ['days-dropped']);
  });

  it('says nothing where the hold was set twice, and lifted once after that', async () => {
    assert.deepEqual(codesOf(await withLateSetter([0, HOUR_MS], 2 * HOUR_MS)), ['days-dropped']);
  });

  it('says nothing where the clock of who lifted it was some seconds behind', async () => {
    assert.deepEqual(codesOf(await withLateSetter([30_000], 0)), ['days-dropped']);
  });

  const lateSettings: readonly (readonly [string, readonly number[], number])[] = [
    ['an hour before one of that name was set', [HOUR_MS], 0],
    ['before it was set anew', [0, 2 * HOUR_MS], HOUR_MS],
    ['seconds before it was set anew', [0, HOUR_MS + 5000], HOUR_MS],
  ];
  for (const [when, settings, liftedMs] of lateSettings) {
    it(`was dropped where the hold was lifted ${when}, whichever record came first`, async () => {
      const report = await withLateSetter(settings, liftedMs);
      assert.deepEqual(codesOf(report), ['days-dropped', 'hold-broken']);
    });
  }

  it('says nothing where its records are here: the hold came in between', async () => {
    assert.deepEqual(codesOf(await verdictAfter({ isOnlyAnnounced: true })), []);
  });
});
