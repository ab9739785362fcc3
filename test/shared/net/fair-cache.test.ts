import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FairCache } from '@sallyport/shared/net/fair-cache.ts';
import { array, assert as assertProperty, integer, property, tuple } from 'fast-check';

describe('a cache that owners share', () => {
  it('forgets what was unused for longest, whosever it is', () => {
    const cache = new FairCache<number>(4);
    for (const [at, owner] of ['one', 'two', 'three', 'four'].entries()) {
      cache.set(owner, at, owner, 1);
    }
    assert.equal(cache.get('one'), 0);
    cache.set('five', 4, 'five', 1);
    assert.equal(cache.get('two'), undefined);
    assert.deepEqual(
      ['one', 'three', 'four', 'five'].map((key) => cache.get(key)),
      [0, 2, 3, 4],
    );
    assert.equal(cache.size, 4);
  });

  it('of an owner that has its quarter it forgets the oldest of its own', () => {
    const cache = new FairCache<number>(8);
    cache.set('other', 0, 'other', 1);
    for (let at = 1; at <= 5; at++) cache.set(`own-${at}`, at, 'own', 1);
    assert.deepEqual(
      ['other', 'own-3', 'own-4', 'own-5'].map((key) => cache.get(key)),
      [0, undefined, 4, 5],
    );
  });

  it('keeps nothing that is more than a quarter, not even what it replaces', () => {
    const cache = new FairCache<number>(8);
    cache.set('key', 1, 'own', 2);
    assert.equal(cache.get('key'), 1);
    cache.set('key', 2, 'own', 3);
    assert.equal(cache.get('key'), undefined);
    assert.equal(cache.size, 0);
  });

  it('holds its bounds, and knows the newest under each key, whatever comes and goes', () => {
    const step = tuple(
      integer({ min: 0, max: 9 }),
      integer({ min: 0, max: 5 }),
      integer({ min: 1, max: 5 }),
      integer({ min: 0, max: 3 }),
    );
    assertProperty(
      property(array(step, { maxLength: 200 }), (steps) => {
        const cache = new FairCache<readonly [number, string, number]>(16);
        const newest = new Map<string, readonly [number, string, number]>();
        for (const [at, [number, owner, places, kind]] of steps.entries()) {
          const key = `key-${number}`;
          if (kind === 0) cache.delete(key);
          else if (kind === 1) cache.get(key);
          else {
            const value = [at, `owner-${owner}`, places] as const;
            newest.set(key, value);
            cache.set(key, value, value[1], places);
          }
        }
        const kept = [...newest.keys()].flatMap((key) => {
          const value = cache.get(key);
          if (value !== undefined) assert.equal(value, newest.get(key));
          return value === undefined ? [] : [value];
        });
        assert.equal(kept.length, cache.size);
        const sum = (values: typeof kept) => values.reduce((all, [, , places]) => all + places, 0);
        assert.ok(sum(kept) <= 16);
        for (const [, owner] of kept) assert.ok(sum(kept.filter((one) => one[1] === owner)) <= 4);
        for (const key of newest.keys()) cache.delete(key);
        assert.equal(cache.size, 0);
        for (let number = 0; number < 4; number++)
          cache.set(`o${number}`, [0, '', 4], `o${number}`, 4);
        assert.equal(cache.size, 4, 'all places are free again');
      }),
      { seed: 7 },
    );
  });
});
