import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { busySite } from '../audited-site.ts';
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

  it('says nothing where its records are here: the hold came in between', async () => {
    assert.deepEqual(codesOf(await verdictAfter({ isOnlyAnnounced: true })), []);
  });
});
