import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { halfSipHash, TextTable } from '@sallyport/shared/net/text-table.ts';
import fc from 'fast-check';

/** Of Linux, lib/test_siphash.c, for the key 00 01 … 07 and the texts '', 00, 00 01, … */
const KEY = [0x03_02_01_00, 0x07_06_05_04] as const;
const VECTORS = [
  0x58_14_c8_96, 0xe7_e8_64_ca, 0xbc_4b_0e_30, 0x01_53_99_39, 0x7e_05_9e_a6, 0x88_e3_d8_9b,
  0xa0_08_0b_65, 0x9d_38_d9_d6,
];

describe('HalfSipHash-1-3', () => {
  for (const [length, hash] of VECTORS.entries()) {
    it(`hashes ${length} bytes`, () => {
      const bytes = Uint8Array.from({ length: length + 2 }, (_, at) => at - 1);
      assert.equal(halfSipHash(bytes, 1, 1 + length, KEY) >>> 0, hash);
    });
  }
});

describe('hashes of a text table', () => {
  const table = new TextTable<Entry>(KEY);

  it('are of texts of any length', () => {
    for (const length of [0, 1, 511, 512, 513, 5000]) {
      const text = 'k'.repeat(length);
      assert.equal(table.hashOf(text), halfSipHash(Buffer.from(text), 0, length, KEY));
    }
  });
});

interface Entry {
  readonly key: string;
  readonly keyHash: number;
}

describe('text table', () => {
  it('is a Map, however it grows and whatever is deleted', () => {
    const key = fc.integer({ min: 0, max: 300 }).map((number) => `key ${number}`);
    const move = fc.tuple(fc.constantFrom('set', 'set', 'delete'), key);
    fc.assert(
      fc.property(fc.array(move, { maxLength: 1200 }), fc.integer(), (moves, seed) => {
        const table = new TextTable<Entry>([seed, 7]);
        const model = new Map<string, Entry>();
        const found = (name: string) => table.get(name, table.hashOf(name));
        for (const [type, key] of moves) {
          const known = model.get(key);
          assert.equal(found(key), known);
          const entry = { key, keyHash: table.hashOf(key) };
          if (type === 'set') {
            table.set(entry);
            model.set(key, entry);
          } else {
            table.delete(entry);
            assert.equal(found(key), known);
            if (known !== undefined) table.delete(known);
            model.delete(key);
          }
          assert.equal(table.size, model.size);
        }
        for (let number = 0; number <= 300; number++) {
          assert.equal(found(`key ${number}`), model.get(`key ${number}`));
        }
        assert.deepEqual(new Set(table.entries()), new Set(model.values()));
      }),
      { seed: 20_261_121, numRuns: 100 },
    );
  });
});
