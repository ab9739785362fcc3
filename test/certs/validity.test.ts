import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validForDays } from '@sallyport/certs/validity.ts';

describe('validity', () => {
  it('begins an hour early for slow clocks and ends after the days asked for', () => {
    const nowMs = Date.UTC(2026, 5, 1, 12);
    assert.deepEqual(validForDays(nowMs, 30), {
      notBeforeMs: Date.UTC(2026, 5, 1, 11),
      notAfterMs: Date.UTC(2026, 6, 1, 12),
    });
  });
});
