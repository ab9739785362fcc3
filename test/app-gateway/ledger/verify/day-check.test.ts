import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DayCheck } from '@sallyport/app-gateway/ledger/verify/day-check.ts';
import { FindingList } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import { processorMs } from '../../../processor-ms.ts';
import { busySite, START_MS } from '../audited-site.ts';
import { codesOf, found, verifySite } from './verifying.ts';

const DAY_MS = 86_400_000;
/** Far more than so many take; where all that is said is gone over for each, a second and more. */
const ENOUGH_MS = 300;
const dayOf = (offset: number) => new Date(START_MS + offset * DAY_MS).toISOString().slice(0, 10);
/** Records of the first two days; the site's own clock stands in the third. */
const [FIRST_END, SECOND_END] = [60, 130];

interface Course {
  /** What the first and the second day were dropped as. */
  readonly names?: readonly [string, string];
  readonly isOnlyAnnounced?: boolean;
  /** What is on record of the beginning of the third day. */
  readonly begun?: { readonly day: string; readonly previousDay: string };
  /** A record of the beginning of another one. */
  readonly other?: { readonly day: string; readonly firstIndex: bigint };
}

async function verdictAfter({
  names = [dayOf(-2), dayOf(-1)],
  isOnlyAnnounced = false,
  begun = { day: dayOf(0), previousDay: dayOf(-1) },
  other,
}: Course) {
  const { site, sources } = busySite(100);
  const [gateway] = sources;
  assert.ok(gateway);
  gateway.write('day-begun', { ...begun, firstIndex: BigInt(SECOND_END) });
  if (other !== undefined) gateway.write('day-begun', other);
  const bounds = [0, FIRST_END, SECOND_END];
  for (const [at, day] of names.entries()) {
    const [firstIndex = 0, endIndex = 0] = bounds.slice(at);
    const entries = BigInt(endIndex - firstIndex);
    gateway.write('day-dropped', { day, firstIndex: BigInt(firstIndex), entries });
    if (isOnlyAnnounced) continue;
    const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
    site.ledger.dropped.push({ day, firstIndex, endIndex, ...rest });
  }
  gateway.seal();
  site.checkpoint();
  return verifySite(site);
}

describe('days that were dropped', () => {
  it('are those that they were called when they began', async () => {
    assert.deepEqual(codesOf(await verdictAfter({})), ['days-dropped']);
  });

  const misnamed: readonly (readonly [string, Course, string])[] = [
    [
      'an old name for the last of them',
      { names: [dayOf(-200), dayOf(-199)] },
      `${dayOf(-199)}, which ended as ${dayOf(-1)}`,
    ],
    [
      'one name for what came on two days',
      { other: { day: dayOf(-1), firstIndex: 100n } },
      `${dayOf(-1)}, within which ${dayOf(-1)} began at index 100`,
    ],
    [
      'another name than the one that it began with',
      { other: { day: dayOf(-1), firstIndex: 0n } },
      `${dayOf(-2)}, which began as ${dayOf(-1)}`,
    ],
    [
      'an old name by whoever saw to it that nobody said when they began, before a day after them did',
      {
        names: [dayOf(-1), dayOf(-199)],
        begun: { day: dayOf(0), previousDay: dayOf(-199) },
        other: { day: dayOf(-1), firstIndex: 0n },
      },
      `${dayOf(-199)}, before which ${dayOf(-1)} began at index 0`,
    ],
  ];
  for (const [what, course, detail] of misnamed) {
    it(`were given ${what}`, async () => {
      const report = await verdictAfter(course);
      assert.equal(found(report, 'day-misnamed').detail, detail);
      assert.equal(report.isGood, false);
    });
  }

  it('are doubtful where nothing says what followed', async () => {
    const { site, sources } = busySite(100);
    sources[0]?.write('day-dropped', { day: dayOf(-1), firstIndex: 0n, entries: 130n }).seal();
    const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
    site.ledger.dropped.push({ day: dayOf(-1), firstIndex: 0, endIndex: 130, ...rest });
    site.checkpoint();
    const report = await verifySite(site);
    assert.deepEqual(codesOf(report), ['day-not-on-record', 'days-dropped']);
    const { index, untilIndex, detail } = found(report, 'day-not-on-record');
    assert.deepEqual([index, untilIndex, detail], [0, 130, dayOf(-1)]);
  });

  it('are not judged by their names where their records are here', async () => {
    const course = { names: [dayOf(-200), dayOf(-199)], isOnlyAnnounced: true } as const;
    assert.deepEqual(codesOf(await verdictAfter(course)), []);
  });
});

describe('a day that begins', () => {
  for (const [offset, isRight] of [
    [0, true],
    [-1, true],
    [1, true],
    [-2, false],
    [2, false],
    [300, false],
  ] as const) {
    it(`is on record ${offset} days off: ${isRight ? 'as clocks and midnight have it' : 'misnamed'}`, async () => {
      const { site, sources } = busySite(100);
      site.nowMs = START_MS + DAY_MS / 6;
      sources[0]?.write('day-begun', { day: dayOf(offset), firstIndex: 0n }).seal();
      site.checkpoint();
      const report = await verifySite(site);
      assert.deepEqual(codesOf(report), isRight ? [] : ['day-misnamed']);
      if (isRight) return;
      assert.equal(
        found(report, 'day-misnamed').detail,
        `${dayOf(offset)}, on record on ${dayOf(0)}`,
      );
    });
  }
});

describe('thousands of days, each of which many records speak against', () => {
  it('are judged in a moment', () => {
    const [many, timeMs] = [6000, Date.parse('2026-01-01T12:00:00Z')];
    const days = new DayCheck();
    for (let at = 0; at < many; at++) {
      const fields = { day: '2026-01-01', firstIndex: BigInt(at + 1) };
      days.hear({ type: 'day-begun', timeMs, seq: at, fields }, true);
    }
    const dropped = Array.from({ length: many }, (_, index) => {
      const places = { firstIndex: 0, endIndex: many + 2 + index };
      return { ...places, index, day: '2026-01-01', droppedMs: timeMs };
    });
    const counts: number[] = [];
    const ms = processorMs(() => {
      const findings = new FindingList();
      days.judge(dropped, [{ from: 0, until: many }], findings);
      counts.push(findings.all.length + findings.leftOut);
    }, ENOUGH_MS);
    assert.ok(ms < ENOUGH_MS, `${ms} ms`);
    assert.equal(counts[0], many);
  });
});
