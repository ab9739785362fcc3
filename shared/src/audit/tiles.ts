import { HASH_BYTES, type HashAt, nodeHash } from './merkle.ts';

/** Hashes of a full tile (C2SP tlog-tiles): a subtree of height 8. */
export const TILE_WIDTH = 256;

const TILE_HEIGHT = 8;

/** Which tile: the `index`th of its level, with as many hashes as it has by now, 1 to 256. */
export interface TileCoordinates {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** Where a tile lies below the log's prefix: `tile/0/x001/x234/067.p/5`. */
export function tilePath({ level, index, width }: TileCoordinates): string {
  return `tile/${level}/${numberPath(index)}${partialPath(width)}`;
}

/** Where the records of the tile of level 0 lie: each behind its own u16 length, as the specification has it. */
export function entriesPath(index: number, width: number): string {
  return `tile/entries/${numberPath(index)}${partialPath(width)}`;
}

/** Every tile of a tree, level by level: full ones, then the partial one if any. */
export function tilesOf(size: number): readonly TileCoordinates[] {
  return tilesGrown(0, size);
}

/** Tiles that are new or wider when the tree has grown; those that are 256 wide will never change again. */
export function tilesGrown(oldSize: number, size: number): readonly TileCoordinates[] {
  const grown: TileCoordinates[] = [];
  let before = oldSize;
  let after = size;
  for (let level = 0; after > before; level++) {
    for (let start = before - (before % TILE_WIDTH); start < after; start += TILE_WIDTH) {
      const width = Math.min(TILE_WIDTH, after - start);
      grown.push({ level, index: start / TILE_WIDTH, width });
    }
    before = Math.floor(before / TILE_WIDTH);
    after = Math.floor(after / TILE_WIDTH);
  }
  return grown;
}

/** The tile in which the root of that complete subtree lies, or can be hashed together from. */
export function tileOfNode(level: number, index: number): { level: number; index: number } {
  const inner = 2 ** (level % TILE_HEIGHT);
  return {
    level: Math.floor(level / TILE_HEIGHT),
    index: Math.floor((index * inner) / TILE_WIDTH),
  };
}

/** Bytes of a tile, as many whole hashes as it has; undefined where it is lost. */
export type ReadTile = (level: number, index: number) => Uint8Array | undefined;

/** Hashes of subtrees out of tiles. Throws where a tile is lost or too narrow: see `tilesFor`. */
export function hashesOfTiles(read: ReadTile): HashAt {
  return (level, index) => {
    const tile = tileOfNode(level, index);
    const inner = 2 ** (level % TILE_HEIGHT);
    const start = ((index * inner) % TILE_WIDTH) * HASH_BYTES;
    const end = start + inner * HASH_BYTES;
    const bytes = read(tile.level, tile.index);
    if (bytes === undefined || bytes.length < end) {
      throw new RangeError(`tile ${tile.level}/${tile.index} is not there`);
    }
    return rootOfHashes(bytes.subarray(start, end));
  };
}

/**
 * Which tiles a proof needs, so that they can be read before: `tilesFor((hashAt) => inclusionProof(3, 7, hashAt))`.
 */
export function tilesFor(
  prove: (hashAt: HashAt) => unknown,
): readonly { readonly level: number; readonly index: number }[] {
  const needed = new Map<string, { level: number; index: number }>();
  prove((level, index) => {
    const tile = tileOfNode(level, index);
    needed.set(`${tile.level}/${tile.index}`, tile);
    return UNKNOWN_HASH;
  });
  return [...needed.values()];
}

const UNKNOWN_HASH = new Uint8Array(HASH_BYTES);

function rootOfHashes(bytes: Uint8Array): Uint8Array {
  if (bytes.length === HASH_BYTES) return bytes;
  const middle = bytes.length / 2;
  return nodeHash(rootOfHashes(bytes.subarray(0, middle)), rootOfHashes(bytes.subarray(middle)));
}

function numberPath(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join('/');
}

function partialPath(width: number): string {
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}
