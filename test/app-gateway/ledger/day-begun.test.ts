import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type BegunDay,
  begunDayOf,
  begunOtherwise,
  noteBegun,
} from '@sallyport/app-gateway/ledger/day-begun.ts';
import { decodeRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';

const BEGUN: BegunDay = { day: '2026-11-22', firstIndex: 900, previousDay: '2026-11-21' };

describe('the beginning of a day', () => {
  for (const begun of [BEGUN, { day: '2026-11-22', firstIndex: 0 }]) {
    it(`is read as it was put on record: from index ${begun.firstIndex}`, async () => {
      const records: Buffer[] = [];
      const isNoted = await noteBegun(
        async (type, fields) => {
          records.push(encodeRecord({ type, timeMs: 1, seq: 7, fields }));
          return true;
        },
        begun,
        'gateway-1',
      );
      assert.equal(isNoted, true);
      const [record = Buffer.alloc(0)] = records;
      const decoded = decodeRecord(record, 0, record.length);
      assert.ok(decoded.ok);
      assert.deepEqual(begunDayOf(decoded.value), begun);
      assert.equal(decoded.value.fields.author, 'gateway-1');
    });
  }

  it('is not what other records of days say', () => {
    const fields = { day: '2026-11-22', firstIndex: 900n, entries: 1n };
    assert.equal(begunDayOf({ type: 'day-dropped', timeMs: 1, seq: 1, fields }), undefined);
  });

  //  name of the day  first  end   what speaks against it
  const rows: readonly (readonly [string, number, number, string | undefined])[] = [
    ['2026-11-22', 900, 1000, undefined],
    ['2026-11-21', 800, 900, undefined],
    ['2026-11-20', 700, 800, undefined],
    ['2026-11-23', 1000, 1100, undefined],
    ['2026-11-21', 900, 1000, '2026-11-21, which began as 2026-11-22'],
    ['2026-11-23', 900, 1000, '2026-11-23, which began as 2026-11-22'],
    ['2026-08-01', 800, 900, '2026-08-01, which ended as 2026-11-21'],
    ['2026-11-22', 899, 1000, '2026-11-22, within which 2026-11-22 began at index 900'],
    ['2026-11-22', 901, 1000, undefined],
    ['2026-08-01', 901, 1000, '2026-08-01, before which 2026-11-22 began at index 900'],
    ['2026-11-21', 800, 901, '2026-11-21, within which 2026-11-22 began at index 900'],
  ];
  for (const [day, firstIndex, endIndex, said] of rows) {
    it(`${day} of ${firstIndex} to ${endIndex}: ${said ?? 'fits'}`, () => {
      assert.equal(begunOtherwise(BEGUN, { day, firstIndex, endIndex }), said);
    });
  }

  it('speaks against any day before the first', () => {
    const first = { day: '2026-11-22', firstIndex: 900 };
    const named = { day: '2026-11-21', firstIndex: 0, endIndex: 900 };
    assert.equal(begunOtherwise(first, named), '2026-11-21, which ended as none');
  });
});
