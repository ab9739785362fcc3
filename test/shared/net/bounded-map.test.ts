import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BoundedMap } from '@sallyport/shared/net/bounded-map.ts';

describe('bounded map', () => {
  it('lets the entry that came first make room for a new one, and none for one that is known', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    assert.deepEqual([map.get('a'), map.get('b')], [3, 2]);
    map.set('c', 4);
    assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [undefined, 2, 4]);
  });

  it('makes a value only for a key that has none', () => {
    const map = new BoundedMap<string, number>(2);
    const made: string[] = [];
    const of = (key: string) => map.of(key, () => made.push(key));
    assert.deepEqual([of('a'), of('a'), of('b'), of('a'), of('c'), of('b')], [1, 1, 2, 1, 3, 2]);
    assert.equal(of('a'), 4, 'it had made room');
  });

  it('gives a place back', () => {
    const map = new BoundedMap<string, number>(1);
    map.set('a', 1);
    map.delete('a');
    assert.equal(map.get('a'), undefined);
  });
});
