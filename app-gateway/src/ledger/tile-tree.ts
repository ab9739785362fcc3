import { hash } from 'node:crypto';
import { nodeHash } from '@sallyport/shared/audit/merkle.ts';

export const HASH_BYTES = 32;
/** Hashes in a full tile: eight levels of the tree are one level of tiles (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** A tile as it is after an append; `hashes` may still grow. */
export interface ChangedTile {
  readonly level: number;
  readonly tile: number;
  readonly hashes: Buffer;
}

/**
 * The Merkle tree (RFC 9162 §2.1) as far as one needs it to make it grow: the tiles on its right edge.
 *
 * A full tile is never needed again; its root is a hash of the tile above it.
 */
export class TileTree {
  #size: number;
  /** By level: the hashes of the tile that is not full. */
  readonly #edge: Buffer[][];

  private constructor(size: number, edge: Buffer[][]) {
    this.#size = size;
    this.#edge = edge;
  }

  static empty(): TileTree {
    return new TileTree(0, [[]]);
  }

  /** The tree of `size` leaves; `tileAt` gives the tiles on its edge. Undefined: they are too short. */
  static async load(
    size: number,
    tileAt: (level: number, tile: number) => Promise<Buffer | undefined>,
  ): Promise<TileTree | undefined> {
    const edge: Buffer[][] = [];
    for (const { level, tile, width } of edgeTiles(size)) {
      const hashes = width === 0 ? Buffer.alloc(0) : await tileAt(level, tile);
      if (hashes === undefined || hashes.length < width * HASH_BYTES) return undefined;
      edge.push(cut(hashes, width));
    }
    return new TileTree(size, edge);
  }

  get size(): number {
    return this.#size;
  }

  /** Puts leaves at the end; returns every tile that is not as it was. */
  append(leafHashes: readonly Buffer[]): readonly ChangedTile[] {
    const changed: ChangedTile[] = [];
    let news: readonly Buffer[] = leafHashes;
    // How many hashes the level had before: that of the level below, through full tiles alone.
    let before = this.#size;
    for (let level = 0; news.length > 0; level++) {
      const tile = Math.floor(before / TILE_WIDTH);
      const roots: Buffer[] = [];
      let open = this.#edge[level] ?? [];
      for (const one of news) {
        open.push(one);
        if (open.length < TILE_WIDTH) continue;
        changed.push({ level, tile: tile + roots.length, hashes: Buffer.concat(open) });
        roots.push(subtreeRoot(open, 0, open.length));
        open = [];
      }
      this.#edge[level] = open;
      if (open.length > 0) {
        changed.push({ level, tile: tile + roots.length, hashes: Buffer.concat(open) });
      }
      news = roots;
      before = tile;
    }
    this.#size += leafHashes.length;
    return changed;
  }

  root(): Buffer {
    let root: Buffer | undefined;
    // From the right: small subtrees first, each the left neighbour's right child.
    for (const level of this.#edge) {
      for (const subtree of perfectRoots(level)) {
        root = root === undefined ? subtree : nodeHash(subtree, root);
      }
    }
    return root ?? hash('sha256', Buffer.alloc(0), 'buffer');
  }
}

/** Tiles on the right edge of a tree of this size, and how many hashes each has; none is full. */
export function edgeTiles(
  size: number,
): readonly { readonly level: number; readonly tile: number; readonly width: number }[] {
  const tiles = [];
  let hashes = size;
  for (let level = 0; level === 0 || hashes > 0; level++) {
    const tile = Math.floor(hashes / TILE_WIDTH);
    tiles.push({ level, tile, width: hashes % TILE_WIDTH });
    hashes = tile;
  }
  return tiles;
}

/** Roots of the perfect trees that an incomplete row makes, the last and smallest first. */
function perfectRoots(row: readonly Buffer[]): readonly Buffer[] {
  const roots: Buffer[] = [];
  let end = row.length;
  while (end > 0) {
    // The lowest set bit is the size of the last perfect tree.
    const width = end & -end;
    roots.push(subtreeRoot(row, end - width, end));
    end -= width;
  }
  return roots;
}

/** Root over hashes [start, end); their number is a power of two. */
function subtreeRoot(row: readonly Buffer[], start: number, end: number): Buffer {
  if (end - start === 1) return row[start] as Buffer;
  const middle = (start + end) / 2;
  return nodeHash(subtreeRoot(row, start, middle), subtreeRoot(row, middle, end));
}

function cut(hashes: Buffer, width: number): Buffer[] {
  return Array.from({ length: width }, (_, at) =>
    Buffer.from(hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  );
}
