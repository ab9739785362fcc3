import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { edgeTiles, TileTree } from '@sallyport/app-gateway/ledger/tile-tree.ts';
import { nodeHash } from '@sallyport/shared/audit/merkle.ts';

const leaf = (at: number) => hash('sha256', `leaf ${at}`, 'buffer');
const leaves = (first: number, end: number) =>
  Array.from({ length: end - first }, (_, at) => leaf(first + at));

/** The definition, as RFC 9162 §2.1.1 has it. */
function rootOf(first: number, end: number): Buffer {
  if (end - first === 0) return hash('sha256', '', 'buffer');
  if (end - first === 1) return leaf(first);
  let half = 1;
  while (half * 2 < end - first) half *= 2;
  return nodeHash(rootOf(first, first + half), rootOf(first + half, end));
}

const SIZES = [0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 1023, 65_535, 65_536, 65_537, 66_000];

describe('tiles of the tree', () => {
  it('have the root of the definition at every size, however it was reached', () => {
    const tree = TileTree.empty();
    for (const size of SIZES) {
      tree.append(leaves(tree.size, size));
      assert.equal(tree.size, size);
      assert.equal(tree.root().toString('hex'), rootOf(0, size).toString('hex'), `size ${size}`);
    }
  });

  it('are what a tree can go on from', async () => {
    const kept = new Map<string, Buffer>();
    const steps = [...SIZES, 66_300];
    for (const [at, size] of SIZES.entries()) {
      const tree = await TileTree.load(size, async (level, tile) => kept.get(`${level}/${tile}`));
      assert.ok(tree !== undefined, `size ${size}`);
      assert.deepEqual(tree.root(), rootOf(0, size));
      for (const { level, tile, hashes } of tree.append(leaves(size, steps[at + 1] ?? 0))) {
        kept.set(`${level}/${tile}`, hashes);
      }
    }
    const full = [...kept.values()].filter((hashes) => hashes.length === 256 * 32).length;
    assert.equal(full, Math.floor(66_300 / 256) + 1);
    assert.deepEqual(kept.get('1/0')?.subarray(32, 64), rootOf(256, 512));
    assert.deepEqual(kept.get('2/0'), rootOf(0, 65_536));
  });

  it('that are longer than the size says are cut: they were written for a later one', async () => {
    const later = Buffer.concat(leaves(0, 9));
    const tree = await TileTree.load(5, async () => later);
    assert.deepEqual(tree?.root(), rootOf(0, 5));
  });

  it('that are missing or too short make no tree', async () => {
    assert.equal(await TileTree.load(5, async () => undefined), undefined);
    assert.equal(await TileTree.load(5, async () => Buffer.alloc(4 * 32)), undefined);
  });

  //  size, [level, tile, width] of the edge
  const edges: readonly (readonly [number, readonly (readonly number[])[]])[] = [
    [0, [[0, 0, 0]]],
    [255, [[0, 0, 255]]],
    [
      256,
      [
        [0, 1, 0],
        [1, 0, 1],
      ],
    ],
    [
      66_000,
      [
        [0, 257, 208],
        [1, 1, 1],
        [2, 0, 1],
      ],
    ],
  ];
  for (const [size, expected] of edges) {
    it(`end at the right ones at ${size}`, () => {
      const found = edgeTiles(size).map(({ level, tile, width }) => [level, tile, width]);
      assert.deepEqual(found, expected);
    });
  }
});
