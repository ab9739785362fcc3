import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClockWatch } from '@sallyport/shared/audit/clock-watch.ts';

describe('a watch over a wall clock', () => {
  for (const [what, wallMs, expectedMs] of [
    ['goes with the steady one', 1_060_000, undefined],
    ['is a second ahead', 1_061_000, undefined],
    ['is a second behind', 1_059_000, undefined],
    ['was set ahead', 1_061_001, 1_060_000],
    ['was set back', 1_058_999, 1_060_000],
  ] as const) {
    it(`${expectedMs === undefined ? 'says nothing' : 'says the time there should be'} where it ${what}`, () => {
      const watch = new ClockWatch();
      assert.equal(watch.look(1_000_000, 500), undefined);
      assert.equal(watch.look(wallMs, 60_500), expectedMs);
      assert.equal(watch.look(wallMs + 1000, 61_500), undefined, 'once');
    });
  }

  it('never expects a time before 1970', () => {
    const watch = new ClockWatch();
    watch.look(-5000, 0);
    assert.equal(watch.look(9000, 1), 0);
  });
});
