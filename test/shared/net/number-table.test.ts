import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXCHANGE_MAX } from '@sallyport/shared/channel/frame.ts';
import { NumberTable } from '@sallyport/shared/net/number-table.ts';
import fc from 'fast-check';

describe('number table', () => {
  it('finds what is there, and nothing else', () => {
    const table = new NumberTable(EXCHANGE_MAX);
    const entry = { number: table.next() };
    table.add(entry);
    assert.equal(table.get(entry.number), entry);
    assert.equal(table.get(entry.number + 64), undefined);
    assert.equal(table.get(Number.NaN), undefined);
    table.delete(entry.number + 64);
    assert.equal(table.size, 1);
    table.delete(entry.number);
    table.delete(entry.number);
    assert.equal(table.size, 0);
    assert.equal(table.get(entry.number), undefined);
  });

  it('hands out growing numbers, also where most of them are never used', () => {
    const table = new NumberTable(EXCHANGE_MAX);
    const old = { number: table.next() };
    table.add(old);
    let last = old.number;
    for (let i = 0; i < 1000; i++) {
      const number = table.next();
      assert.ok(number > last);
      last = number;
    }
    assert.equal(table.get(old.number), old);
  });

  it('starts over after its largest number and skips what is in use', () => {
    const table = new NumberTable(100);
    const two = Array.from({ length: 2 }, () => ({ number: table.next() }));
    for (const entry of two) table.add(entry);
    const handedOut = new Set<number>();
    for (let i = 0; i < 200; i++) handedOut.add(table.next());
    assert.ok(Math.max(...handedOut) === 100);
    for (const { number } of two) assert.ok(!handedOut.has(number));
    assert.ok(handedOut.has(3), 'it has started over');
    for (const entry of two) assert.equal(table.get(entry.number), entry);
  });

  it('shows each that is there, also while they are deleted', () => {
    const table = new NumberTable(EXCHANGE_MAX);
    const entries = Array.from({ length: 3 }, () => {
      const entry = { number: table.next() };
      table.add(entry);
      return entry;
    });
    const seen: unknown[] = [];
    table.forEach((entry) => {
      seen.push(entry);
      table.delete(entry.number);
    });
    assert.deepEqual(seen, entries);
    assert.equal(table.size, 0);
  });

  it('is a Map that numbers its entries', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -400, max: 600 }), { maxLength: 1500 }), (moves) => {
        const table = new NumberTable(EXCHANGE_MAX);
        const model = new Map<number, { readonly number: number }>();
        for (const move of moves) {
          if (move >= 0) {
            const entry = { number: table.next() };
            assert.ok(!model.has(entry.number));
            table.add(entry);
            model.set(entry.number, entry);
          } else {
            const victim = [...model.keys()].at(move % (model.size || 1)) ?? -move;
            table.delete(victim);
            model.delete(victim);
          }
        }
        assert.equal(table.size, model.size);
        for (const [number, entry] of model) assert.equal(table.get(number), entry);
        const entries = new Set<unknown>();
        table.forEach((entry) => void entries.add(entry));
        assert.deepEqual(entries, new Set(model.values()));
      }),
      { seed: 20_261_121, numRuns: 60 },
    );
  });
});
