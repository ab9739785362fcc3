import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inTurns } from '@sallyport/app-gateway/adapters/database/days-in-turns.ts';
import { attempt } from '@sallyport/app-gateway/adapters/database/ledger-attempt.ts';

const DAYS = Array.from({ length: 40 }, (_, at) => at);

describe('days in turns', () => {
  it('are all read, in their order, sixteen at a time', async () => {
    const turns: number[] = [];
    const found = await inTurns(DAYS, { rowsMax: 100 }, async (days) => {
      turns.push(days.length);
      return days;
    });
    assert.deepEqual([found, turns], [DAYS, [16, 16, 8]]);
  });

  it('are read until there are rows enough, and each turn is told how many are still wanted', async () => {
    const wanted: number[] = [];
    const found = await inTurns(DAYS, { rowsMax: 20 }, async (days, rowsMax) => {
      wanted.push(rowsMax);
      return days.slice(0, rowsMax);
    });
    assert.deepEqual([found, wanted], [DAYS.slice(0, 20), [20, 4]]);
  });

  it('let others run in between', async () => {
    let others = 0;
    const other = setInterval(() => others++, 0);
    await inTurns(Array(1600).fill(0), { rowsMax: 1 }, async () => {
      const endMs = performance.now() + 2;
      while (performance.now() < endMs);
      return [];
    });
    clearInterval(other);
    assert.ok(others > 50, `${others} times in 100 turns`);
  });

  it('are given up when their time is over, but not the first of them', async () => {
    const given = await attempt(() =>
      inTurns(DAYS, { rowsMax: 100, msMax: 0 }, async (days) => days),
    );
    const reason = 'only 16 of 40 days were read in time; ask for a part of them';
    assert.deepEqual(given, { ok: false, error: { code: 'unavailable', reason } });
    const few = await inTurns(DAYS.slice(0, 16), { rowsMax: 100, msMax: 0 }, async (days) => days);
    assert.equal(few.length, 16);
  });
});
