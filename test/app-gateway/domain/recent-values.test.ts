import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecentValues } from '@sallyport/app-gateway/domain/recent-values.ts';

const KEPT_MIN = 512;

describe('what was made of texts lately', () => {
  it('is there again, and nothing else is', () => {
    const values = new RecentValues<number>();
    values.add('one', 1);
    assert.deepEqual([values.of('one'), values.of('two')], [1, undefined]);
  });

  it('is there for the last 512, and for no more than twice as many', () => {
    const values = new RecentValues<number>();
    const count = 10 * KEPT_MIN + 100;
    for (let number = 0; number < count; number++) values.add(`text ${number}`, number);
    const kept = Array.from({ length: count }, (_, number) => values.of(`text ${number}`));
    const first = kept.findIndex((value) => value !== undefined);
    assert.ok(count - first >= KEPT_MIN && count - first <= 2 * KEPT_MIN, `from ${first}`);
    assert.ok(kept.slice(first).every((value, index) => value === first + index));
  });

  it('forgets the older half with the first one beyond twice as many', () => {
    const values = new RecentValues<number>();
    for (let number = 0; number < 2 * KEPT_MIN; number++) values.add(`text ${number}`, number);
    assert.equal(values.of('text 0'), 0);
    values.add('one more', -1);
    const ends = [0, KEPT_MIN - 1, KEPT_MIN].map((number) => values.of(`text ${number}`));
    assert.deepEqual(ends, [undefined, undefined, KEPT_MIN]);
  });
});
