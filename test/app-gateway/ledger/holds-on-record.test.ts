import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HoldsOnRecord } from '@sallyport/app-gateway/ledger/holds-on-record.ts';
import type { AuditRecord } from '@sallyport/shared/audit/record.ts';

const MINUTE_MS = 60_000;

const set = (minute: number, hold = 'case-7'): AuditRecord => ({
  ...{ type: 'hold-set', timeMs: minute * MINUTE_MS, seq: 0 },
  fields: { hold, firstDay: '2026-11-01', lastDay: '2026-11-20' },
});
const lifted = (minute: number, hold = 'case-7'): AuditRecord => ({
  ...{ type: 'hold-lifted', timeMs: minute * MINUTE_MS, seq: 0, fields: { hold } },
});
const liftedAnew = (minute: number, first: number): AuditRecord => {
  const { fields, ...record } = lifted(minute);
  return { ...record, fields: { ...fields, liftedMs: BigInt(first * MINUTE_MS) } };
};

describe('a hold on record', () => {
  // What is on record, and when each hold that was set was lifted, in minutes.
  const courses: readonly (readonly [string, readonly AuditRecord[], readonly number[]])[] = [
    ['stands until it is lifted', [set(10)], [Infinity]],
    ['ends when it is lifted', [set(10), lifted(20)], [20]],
    ['ended when that was said first', [set(10), liftedAnew(90, 20)], [20]],
    ['ends at the same moment', [set(10), lifted(10)], [10]],
    ['ends once', [set(10), lifted(20), lifted(30)], [20]],
    ['is lifted by its name alone', [set(10), lifted(20, 'case-8')], [Infinity]],
    ['was set twice and is lifted once', [set(10), set(12), lifted(20)], [20, 20]],
    ['is set anew under an old name', [set(10), lifted(20), set(30)], [20, Infinity]],
    ['was lifted by a clock a minute behind', [set(10), lifted(9)], [9]],
    ['was not lifted by what was before that', [set(10), lifted(8)], [Infinity]],
    ['is no old one’s that was lifted just before', [set(10), lifted(20), set(21)], [20, Infinity]],
  ];
  for (const [what, records, minutes] of courses) {
    it(`${what}, in whatever order its records come`, () => {
      for (const order of [records, records.toReversed()]) {
        const holds = new HoldsOnRecord();
        for (const record of order) holds.hear(record);
        const ends = holds.all
          .toSorted((a, b) => a.setMs - b.setMs)
          .map(({ liftedMs }) => liftedMs / MINUTE_MS);
        assert.deepEqual(ends, minutes);
      }
    });
  }

  it('is of all days of which nothing is said', () => {
    const holds = new HoldsOnRecord();
    holds.hear({ ...set(10), fields: { hold: 'case-7' } });
    const [{ firstDay, lastDay } = { firstDay: '', lastDay: '' }] = holds.all;
    assert.deepEqual([firstDay, lastDay], ['0001-01-01', '9999-12-31']);
  });
});
