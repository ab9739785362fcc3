import { Buffer } from 'node:buffer';
import { HASH_BYTES, nodeHash } from './merkle.ts';
import { TILE_HEIGHT, TILE_WIDTH } from './tiles.ts';
import { type SubtreeSink, TreeFrontier } from './tree-frontier.ts';

/** The `index`th tile of its level, with as many hashes as it has by now, 1 to 256. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
  readonly bytes: Buffer;
}

/**
 * Grows the tree by leaves and gives out its tiles (C2SP tlog-tiles).
 *
 * The partial tiles at the right edge are all that must be kept to go on; a full one is given out once.
 */
export class TileBuilder implements SubtreeSink {
  readonly #frontier: TreeFrontier;
  /** At its level: hashes of the tile that is not full yet. */
  readonly #partial: Buffer[][];
  #full: Tile[] = [];

  /** `partial` holds, at its level, the bytes of the tile that is not full; nothing, or none, for a tree without. */
  constructor(size = 0, partial: readonly (Uint8Array | undefined)[] = []) {
    this.#partial = [];
    for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / TILE_WIDTH)) {
      const hashes = hashesOf(partial[level]);
      if (hashes.length !== rest % TILE_WIDTH) {
        throw new RangeError(`the partial tile of level ${level} does not fit a tree of ${size}`);
      }
      this.#partial.push(hashes);
    }
    this.#frontier = TreeFrontier.from(size, peaksOf(this.#partial), this);
  }

  get size(): number {
    return this.#frontier.size;
  }

  append(leaf: Buffer): void {
    this.#frontier.append(leaf);
  }

  root(): Buffer {
    return this.#frontier.root();
  }

  /** Tiles that have become full since this was asked last. */
  takeFull(): readonly Tile[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** The tiles at the right edge that have hashes but are not full. */
  partialTiles(): readonly Tile[] {
    const tiles: Tile[] = [];
    let count = this.size;
    for (const [level, hashes] of this.#partial.entries()) {
      const index = Math.floor(count / TILE_WIDTH);
      if (hashes.length > 0) {
        tiles.push({ level, index, width: hashes.length, bytes: Buffer.concat(hashes) });
      }
      count = index;
    }
    return tiles;
  }

  /** What the frontier tells while it grows. */
  completed(level: number, index: number, hash: Buffer): void {
    if (level % TILE_HEIGHT !== 0) return;
    const tileLevel = level / TILE_HEIGHT;
    while (this.#partial.length <= tileLevel) this.#partial.push([]);
    const hashes = this.#partial[tileLevel] as Buffer[];
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    this.#full.push({
      level: tileLevel,
      index: Math.floor(index / TILE_WIDTH),
      width: TILE_WIDTH,
      bytes: Buffer.concat(hashes),
    });
    this.#partial[tileLevel] = [];
  }
}

function hashesOf(bytes: Uint8Array | undefined): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; bytes !== undefined && at < bytes.length; at += HASH_BYTES) {
    hashes.push(Buffer.from(bytes.subarray(at, at + HASH_BYTES)));
  }
  return hashes;
}

/** Roots of the complete subtrees at the right edge, the largest first. */
function peaksOf(partial: readonly (readonly Buffer[])[]): readonly Buffer[] {
  const peaks: Buffer[] = [];
  for (const hashes of partial.toReversed()) {
    let start = 0;
    for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
      if ((hashes.length & width) === 0) continue;
      peaks.push(rootOf(hashes.slice(start, start + width)));
      start += width;
    }
  }
  return peaks;
}

function rootOf(hashes: readonly Buffer[]): Buffer {
  const middle = hashes.length / 2;
  return hashes.length === 1
    ? (hashes[0] as Buffer)
    : nodeHash(rootOf(hashes.slice(0, middle)), rootOf(hashes.slice(middle)));
}
