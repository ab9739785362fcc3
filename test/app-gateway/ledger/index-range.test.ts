import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { indexRange, indexRangeOfDays } from '@sallyport/app-gateway/ledger/index-range.ts';
import type { LedgerQuery } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { ok } from '@sallyport/shared/result.ts';
import { unwrap } from '../ports/unwrap.ts';
import { AuditedSite, START_MS } from './audited-site.ts';
import { TamperableLedger } from './tamperable-ledger.ts';
import { codesOf, found, verify } from './verify/verifying.ts';

const DAY_MS = 86_400_000;
const dayOf = (days: number) => new Date(START_MS + days * DAY_MS).toISOString().slice(0, 10);
const midnight = (days: number) => Date.parse(dayOf(days));
/** First record of each day; the last place is the size. */
const BOUNDS = [0, 40, 100, 150] as const;
const SIZE = BOUNDS[3];

/** Whose searches find what the owner of the database wants them to find; and whose days are noted. */
class SearchedLedger extends TamperableLedger {
  isHiding = false;

  override days() {
    const noted = { firstMs: 0, lastMs: 0, recordBytes: 0 };
    return Promise.resolve(
      ok(
        [0, 1, 2].map((at) => {
          const [firstIndex = 0, endIndex = 0] = BOUNDS.slice(at);
          const gone = this.dropped.find((one) => one.firstIndex === firstIndex);
          return gone ?? { day: dayOf(at), firstIndex, endIndex, ...noted };
        }),
      ),
    );
  }

  override search(query: LedgerQuery) {
    return this.isHiding ? Promise.resolve(ok([])) : super.search(query);
  }
}

class SearchedSite extends AuditedSite {
  override readonly ledger = new SearchedLedger();
}

/** Three days of a gateway, each begun on record; the last record of the first day came on the second. */
function threeDays(): SearchedSite {
  const site = new SearchedSite();
  const gateway = site.source('gateway-1', 0, 0x60n).open();
  for (let at = 1; at < SIZE; at++) {
    const day = BOUNDS.findLastIndex((first) => first <= at);
    site.nowMs = midnight(day) + at;
    const isNew = at === 1 || at === BOUNDS[day as 0 | 1 | 2] + 2;
    const [firstIndex, previousDay] = [BigInt(BOUNDS[day as 0 | 1 | 2]), dayOf(day - 1)];
    const begun = { day: dayOf(day), firstIndex, ...(day > 0 && { previousDay }) };
    if (at === 41) site.nowMs = midnight(0) + 60_000;
    if (at === SIZE - 1) gateway.seal();
    else if (isNew) gateway.write('day-begun', begun);
    else gateway.write('channel-opened', { peerNode: 'edge-1' });
  }
  site.checkpoint();
  return site;
}

describe('places of a time', () => {
  let site: SearchedSite;
  beforeEach(() => {
    site = threeDays();
  });
  const second = { fromMs: midnight(1), untilMs: midnight(2), size: SIZE };

  it('are those that a search finds, from the first to the last', async () => {
    assert.deepEqual(unwrap(await indexRange(site.ledger, second)), { from: 40, to: 100 });
    assert.deepEqual(unwrap(await indexRange(site.ledger, { size: SIZE })), { from: 0, to: SIZE });
    const late = { fromMs: START_MS + 9 * DAY_MS, size: SIZE };
    assert.deepEqual(unwrap(await indexRange(site.ledger, late)), { from: 0, to: 0 });
  });

  //  what                     span                                             from  to
  const rows: readonly (readonly [string, object, number, number])[] = [
    ['a day', { fromMs: midnight(1), untilMs: midnight(2) }, 40, 103],
    ['an hour of it', { fromMs: midnight(1), untilMs: midnight(1) + 3_600_000 }, 40, 103],
    ['from a day on', { fromMs: midnight(1) }, 40, SIZE],
    ['until a day', { untilMs: midnight(1) }, 0, 43],
    ['the first day, with what came late', { fromMs: 0, untilMs: midnight(1) }, 0, 43],
    ['the last day', { fromMs: midnight(2), untilMs: midnight(3) }, 100, SIZE],
    ['a day without records', { fromMs: midnight(5), untilMs: midnight(6) }, 0, 0],
    ['any time', {}, 0, SIZE],
  ];
  for (const [what, span, from, to] of rows) {
    it(`of ${what}, by days`, async () => {
      const given = { ...span, size: SIZE };
      assert.deepEqual(unwrap(await indexRangeOfDays(site.ledger, given)), { from, to });
    });
  }

  it('by days are all that came on them, whatever a search finds', async () => {
    site.ledger.isHiding = true;
    assert.deepEqual(unwrap(await indexRange(site.ledger, second)), { from: 0, to: 0 });
    assert.deepEqual(unwrap(await indexRangeOfDays(site.ledger, second)), { from: 40, to: 103 });
  });

  it('by days end where what is signed ends', async () => {
    const signed = { fromMs: midnight(1), size: 70 };
    assert.deepEqual(unwrap(await indexRangeOfDays(site.ledger, signed)), { from: 40, to: 70 });
  });

  it('by days make a file that says itself with which days it begins and ends', async () => {
    const range = unwrap(await indexRangeOfDays(site.ledger, second));
    const report = verify(await site.pack(range), { keys: site.publicKeys });
    assert.ok(codesOf(report).includes('before-not-here'));
    assert.equal(found(report, 'before-not-here').detail, `${dayOf(1)} began at index 40`);
    assert.equal(found(report, 'after-not-here').detail, `${dayOf(2)} began at index 100`);
    const short = verify(await site.pack({ from: 44, to: 90 }), { keys: site.publicKeys });
    assert.equal(found(short, 'before-not-here').detail, undefined);
    assert.equal(found(short, 'after-not-here').detail, undefined);
  });

  describe('of which the first day is gone, as a record says that came later', () => {
    beforeEach(() => {
      const gone = { day: dayOf(0), firstIndex: 0, endIndex: BOUNDS[1], droppedAtMs: 1 };
      site.ledger.dropped.push({ ...gone, firstMs: 0, lastMs: 0, recordBytes: 0 });
    });

    for (const [what, span] of [
      ['until a day', { untilMs: midnight(2) }],
      ['from that day on until another', { fromMs: midnight(0), untilMs: midnight(2) }],
    ] as const) {
      it(`begin behind it where they end before that record: ${what}`, async () => {
        const range = unwrap(await indexRangeOfDays(site.ledger, { ...span, size: SIZE }));
        assert.deepEqual(range, { from: BOUNDS[1], to: 103 });
        const report = verify(await site.pack(range), { keys: site.publicKeys });
        assert.equal(report.isGood, true, codesOf(report).join());
      });
    }

    it('are none where no other is asked for', async () => {
      const gone = { day: dayOf(1), firstIndex: BOUNDS[1], endIndex: BOUNDS[2], droppedAtMs: 1 };
      site.ledger.dropped.push({ ...gone, firstMs: 0, lastMs: 0, recordBytes: 0 });
      const range = await indexRangeOfDays(site.ledger, { untilMs: midnight(1), size: SIZE });
      assert.deepEqual(unwrap(range), { from: 0, to: 0 });
    });

    it('begin with it where they go to the end', async () => {
      const range = await indexRangeOfDays(site.ledger, { fromMs: midnight(0), size: SIZE });
      assert.deepEqual(unwrap(range), { from: 0, to: SIZE });
    });
  });
});
