import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isEnding, unsentDay } from '@sallyport/app-gateway/adapters/syslog/unsent-day.ts';
import type { LedgerDay } from '@sallyport/app-gateway/ports/ledger-store.ts';

const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);

describe('the oldest day that a destination has not got', () => {
  const day = (name: string, firstIndex: number, droppedAtMs?: number): LedgerDay => ({
    day: name,
    firstIndex,
    endIndex: firstIndex + 10,
    firstMs: 0,
    lastMs: 0,
    recordBytes: 0,
    ...(droppedAtMs !== undefined && { droppedAtMs }),
  });
  const days = [day('2026-11-01', 0, 1), day('2026-11-02', 10), day('2026-11-03', 20)];

  //  confirmed, retentionDays, now, day, daysLeft
  const rows: readonly (readonly [number, number, string, string | undefined, number])[] = [
    [0, 10, '2026-11-03', '2026-11-02', 9],
    [19, 10, '2026-11-03', '2026-11-02', 9],
    [20, 10, '2026-11-03', '2026-11-03', 10],
    [29, 10, '2026-11-13', '2026-11-03', 0],
    [29, 10, '2026-11-20', '2026-11-03', 0],
    [30, 10, '2026-11-20', undefined, 0],
  ];
  for (const [confirmed, retentionDays, now, expected, daysLeft] of rows) {
    it(`from place ${confirmed}, on ${now}: ${expected}`, () => {
      const found = unsentDay(days, confirmed, retentionDays, noon(now));
      assert.deepEqual(found, expected && { day: expected, daysLeft });
    });
  }

  it('is worth a word a week before, or after half of the time where little is kept', () => {
    const words = (retentionDays: number) =>
      [0, 1, 2, 6, 7, 8].filter((daysLeft) => isEnding({ day: '', daysLeft }, retentionDays));
    assert.deepEqual(words(400), [0, 1, 2, 6, 7]);
    assert.deepEqual(words(4), [0, 1, 2]);
    assert.deepEqual(words(1), [0]);
  });
});
