import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leafHash } from '@sallyport/shared/audit/merkle.ts';
import { type Tile, TileBuilder } from '@sallyport/shared/audit/tile-builder.ts';
import { TreeFrontier } from '@sallyport/shared/audit/tree-frontier.ts';

const SIZE = 66_049;
const leaves = Array.from({ length: SIZE }, (_, index) => leafHash(Buffer.from(`${index}`)));

function partialOf(builder: TileBuilder): (Buffer | undefined)[] {
  const bytes: (Buffer | undefined)[] = [];
  for (const tile of builder.partialTiles()) bytes[tile.level] = tile.bytes;
  return bytes;
}

const byPlace = (one: Tile, other: Tile) => one.level - other.level || one.index - other.index;

describe('tile builder', () => {
  it('gives out every tile of the tree, and stops and goes on anywhere', () => {
    const full: Tile[] = [];
    const frontier = new TreeFrontier();
    let builder = new TileBuilder();
    for (const [index, leaf] of leaves.entries()) {
      builder.append(leaf);
      frontier.append(leaf);
      const isStop = index % 1009 === 0 || [254, 255, 256, 65_535, 65_536].includes(index);
      if (!isStop) continue;
      full.push(...builder.takeFull());
      assert.deepEqual(builder.root(), frontier.root(), String(index));
      builder = new TileBuilder(index + 1, partialOf(builder));
      assert.deepEqual(builder.root(), frontier.root(), String(index));
      assert.equal(builder.size, index + 1);
    }
    full.push(...builder.takeFull());
    assert.deepEqual(builder.takeFull(), []);
    const tiles = [...full, ...builder.partialTiles()].sort(byPlace);
    assert.deepEqual(
      tiles.map(({ level, index, width }) => ({ level, index, width })),
      [
        ...Array.from({ length: 258 }, (_, index) => ({ level: 0, index, width: 256 })),
        { level: 0, index: 258, width: 1 },
        { level: 1, index: 0, width: 256 },
        { level: 1, index: 1, width: 2 },
        { level: 2, index: 0, width: 1 },
      ],
    );
    assert.ok(tiles.every(({ bytes, width }) => bytes.length === 32 * width));
  });

  it('refuses partial tiles of another tree', () => {
    const builder = new TileBuilder();
    for (const leaf of leaves.slice(0, 300)) builder.append(leaf);
    const partial = partialOf(builder);
    assert.throws(() => new TileBuilder(299, partial), RangeError);
    assert.throws(() => new TileBuilder(300, []), RangeError);
    assert.throws(() => new TileBuilder(300, [partial[0]]), RangeError);
    assert.deepEqual(new TileBuilder(300, partial).root(), builder.root());
  });
});
