import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Gap } from '@sallyport/dmz-proxy/audit/gap.ts';

describe('a gap', () => {
  it('counts, and spans all its times, also when the clock is set back', () => {
    const gap = new Gap('audit-full', '');
    gap.count(1, 500, 500);
    gap.count(2, 700, 800);
    gap.count(1, 400, 400);
    assert.deepEqual([gap.lost, gap.fromMs, gap.untilMs], [4, 400, 800]);
  });

  it('does not count beyond what its field holds', () => {
    const gap = new Gap('audit-full', '');
    gap.count(0xff_ff_ff_ff, 1, 1);
    gap.count(1, 1, 1);
    assert.equal(gap.lost, 0xff_ff_ff_ff);
  });
});
