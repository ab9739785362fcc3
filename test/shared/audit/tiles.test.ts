import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from '@sallyport/shared/audit/merkle.ts';
import { TileBuilder } from '@sallyport/shared/audit/tile-builder.ts';
import {
  entriesPath,
  hashesOfTiles,
  type ReadTile,
  tileOfNode,
  tilePath,
  tilesFor,
  tilesGrown,
  tilesOf,
} from '@sallyport/shared/audit/tiles.ts';
import fc from 'fast-check';

const paths: readonly (readonly [number, number, number, string])[] = [
  [0, 0, 256, 'tile/0/000'],
  [0, 1_234_067, 256, 'tile/0/x001/x234/067'],
  [3, 999, 255, 'tile/3/999.p/255'],
  [0, 1000, 1, 'tile/0/x001/000.p/1'],
  [63, 123_456_789, 256, 'tile/63/x123/x456/789'],
];

describe('path of a tile (C2SP tlog-tiles)', () => {
  for (const [level, index, width, path] of paths) {
    it(path, () => assert.equal(tilePath({ level, index, width }), path));
  }
  it('of its entries', () => {
    assert.equal(entriesPath(1_234_067, 256), 'tile/entries/x001/x234/067');
    assert.equal(entriesPath(0, 3), 'tile/entries/000.p/3');
  });
});

describe('tiles of a tree', () => {
  it('of 70,000 leaves are those of the specification', () => {
    const tiles = tilesOf(70_000);
    const full = (at: number) => tiles.filter(({ level, width }) => level === at && width === 256);
    const partial = tiles.filter(({ width }) => width < 256);
    assert.equal(full(0).length, 273);
    assert.equal(full(1).length, 1);
    assert.deepEqual(partial, [
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
  });

  it('of 256 leaves are one full and one of width 1; none of an empty tree', () => {
    assert.deepEqual(tilesOf(256), [
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    assert.deepEqual(tilesOf(0), []);
  });

  it('that have grown are those that differ', () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(2000), (oldSize, more) => {
        const before = new Set(tilesOf(oldSize).map(tilePath));
        const expected = tilesOf(oldSize + more).map(tilePath);
        assert.deepEqual(
          tilesGrown(oldSize, oldSize + more).map(tilePath),
          expected.filter((path) => !before.has(path)),
        );
      }),
    );
  });

  it('hold the subtrees below them', () => {
    assert.deepEqual(tileOfNode(0, 255), { level: 0, index: 0 });
    assert.deepEqual(tileOfNode(0, 256), { level: 0, index: 1 });
    assert.deepEqual(tileOfNode(7, 1), { level: 0, index: 0 });
    assert.deepEqual(tileOfNode(7, 2), { level: 0, index: 1 });
    assert.deepEqual(tileOfNode(8, 3), { level: 1, index: 0 });
  });
});

describe('proofs out of tiles', () => {
  const SIZE = 66_000;
  const builder = new TileBuilder();
  const roots = new Map<number, Buffer>();
  const leaves: Buffer[] = [];
  for (let index = 0; index < SIZE; index++) {
    const leaf = leafHash(Buffer.from(`${index}`));
    leaves.push(leaf);
    builder.append(leaf);
    if (index % 777 === 0) roots.set(index + 1, builder.root());
  }
  roots.set(SIZE, builder.root());
  const tiles = new Map(
    [...builder.takeFull(), ...builder.partialTiles()].map((tile) => [
      `${tile.level}/${tile.index}`,
      tile.bytes,
    ]),
  );
  const read: ReadTile = (level, index) => tiles.get(`${level}/${index}`);
  const hashAt = hashesOfTiles(read);

  it('hold in every tree there was', () => {
    const sizes = [...roots.keys()];
    for (const [place, size] of sizes.entries()) {
      const root = roots.get(size) as Buffer;
      assert.deepEqual(rootAt(size, hashAt), root);
      const index = (place * 31_337) % size;
      const proof = inclusionProof(index, size, hashAt);
      assert.ok(verifyInclusion(index, size, leaves[index] as Buffer, proof, root));
      const oldSize = sizes[place >> 1] as number;
      const growth = consistencyProof(oldSize, size, hashAt);
      assert.ok(verifyConsistency(oldSize, size, roots.get(oldSize) as Buffer, root, growth));
    }
  });

  it('need few tiles, which can be known before', () => {
    const needed = tilesFor((at) => inclusionProof(40_000, SIZE, at));
    assert.ok(needed.length <= 5, `${needed.length} tiles`);
    const few = new Set(needed.map(({ level, index }) => `${level}/${index}`));
    const only = hashesOfTiles((level, index) =>
      few.has(`${level}/${index}`) ? read(level, index) : undefined,
    );
    assert.deepEqual(inclusionProof(40_000, SIZE, only), inclusionProof(40_000, SIZE, hashAt));
  });

  it('are not made where a tile is lost or too narrow', () => {
    const lost = hashesOfTiles(() => undefined);
    assert.throws(() => lost(0, 0), RangeError);
    const narrow = hashesOfTiles(() => Buffer.alloc(31));
    assert.throws(() => narrow(0, 0), RangeError);
    assert.throws(() => hashAt(0, SIZE), RangeError);
  });
});
