import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validForDays, validForMs } from '@sallyport/certs/validity.ts';

describe('validity', () => {
  it('begins an hour early for slow clocks and ends after the days asked for', () => {
    const nowMs = Date.UTC(2026, 5, 1, 12);
    assert.deepEqual(validForDays(nowMs, 30), {
      notBeforeMs: Date.UTC(2026, 5, 1, 11),
      notAfterMs: Date.UTC(2026, 6, 1, 12),
    });
  });

  //  life        begins before now
  for (const [lifeMs, earlyMs] of [
    [604_800_000, 3_600_000],
    [3_600_001, 3_600_000],
    [5000, 5000],
  ] as const) {
    it(`of ${lifeMs} ms begins ${earlyMs} ms early, and less than two thirds are over`, () => {
      const nowMs = Date.UTC(2026, 5, 1);
      const { notBeforeMs, notAfterMs } = validForMs(nowMs, lifeMs);
      assert.deepEqual([nowMs - notBeforeMs, notAfterMs - nowMs], [earlyMs, lifeMs]);
      assert.ok(notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3 > nowMs);
    });
  }
});
