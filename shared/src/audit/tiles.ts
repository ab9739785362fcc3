import { HASH_BYTES, type HashAt, nodeHash } from './merkle.ts';

/** A tile is a subtree of this height (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8;

/** Hashes of a full tile. */
export const TILE_WIDTH = 256;

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
