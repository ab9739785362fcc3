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
  hashesOfTiles,
  type ReadTile,
  tileOfNode,
  tilesFor,
} from '@sallyport/shared/audit/tiles.ts';

describe('tiles of a tree', () => {
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
