import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  renewalDueMs,
  renewalOverdueMs,
  renewalRetryMs,
} from '@sallyport/shared/x509/renewal-time.ts';

const HOUR_MS = 3_600_000;
const WEEK = { notBeforeMs: 0, notAfterMs: 168 * HOUR_MS };
const SHORT = { notBeforeMs: 0, notAfterMs: 12_000 };

describe('the renewal of a certificate', () => {
  it('is due at two thirds of its life, and overdue half way from there to the end', () => {
    assert.equal(renewalDueMs(WEEK), 112 * HOUR_MS);
    assert.equal(renewalOverdueMs(WEEK), 140 * HOUR_MS);
  });

  //  validity  failures  random  waits
  const table: readonly (readonly [typeof WEEK, number, number, number])[] = [
    [WEEK, 1, 0.5, 600_000],
    [WEEK, 1, 0, 450_000],
    [WEEK, 2, 0.5, 1_200_000],
    [WEEK, 5, 0.5, 9_600_000],
    [WEEK, 500, 0.5, 9_600_000],
    [SHORT, 1, 0.5, 1000],
    [SHORT, 5, 0.5, 1000],
    [{ notBeforeMs: 0, notAfterMs: 36 * HOUR_MS }, 1, 0.5, 432_000],
    [{ notBeforeMs: 0, notAfterMs: 180_000 }, 9, 0.5, 10_000],
    [{ notBeforeMs: 0, notAfterMs: 90_000 }, 9, 0.5, 5000],
  ];
  for (const [validity, failures, random, waitsMs] of table) {
    it(`of ${validity.notAfterMs} ms is tried again ${waitsMs} ms after failure ${failures}`, () => {
      assert.equal(renewalRetryMs(validity, failures, random), waitsMs);
    });
  }
});
