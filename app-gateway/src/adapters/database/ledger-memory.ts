import { HASH_BYTES } from '@sallyport/shared/audit/merkle.ts';
import { TileBuilder } from '@sallyport/shared/audit/tile-builder.ts';
import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';
import type { Kysely } from 'kysely';
import type { SequenceRanges } from '../../ledger/sequence-ranges.ts';
import type { LedgerHead } from '../../ports/ledger-store.ts';
import { readTiles } from './ledger-read.ts';
import type { Tables } from './tables.ts';

/** What this process remembers of the ledger as of one head, so that it need not be read for each batch. */
export interface LedgerMemory {
  readonly tree: TileBuilder;
  readonly root: Buffer;
  readonly streams: Map<string, KnownStream>;
  /** Days whose table is there. */
  readonly days: Set<string>;
}

export interface KnownStream {
  readonly id: number;
  readonly ranges: SequenceRanges;
}

/** What a process that comes to the ledger finds there. */
export interface Recalled {
  readonly memory: LedgerMemory;
  /** Whether the ledger begins with the one that this process has written last. */
  readonly isContinued: boolean;
}

/** Reads the right edge of the tree, and where it was at the head of `last`. Undefined: it does not lead to the root that the head has. */
export async function recall(
  db: Kysely<Tables>,
  head: LedgerHead,
  last: LedgerHead | undefined,
): Promise<Recalled | undefined> {
  // Of a ledger that is shorter there is no such place.
  const before = last === undefined || last.size > head.size ? undefined : last;
  const edges = [head, ...(before === undefined ? [] : [before])].map(({ size }) => edgeOf(size));
  const tiles = await readTiles(db, edges.flat());
  const tree = treeOf(head, tiles);
  if (tree === undefined) return undefined;
  const memory = { tree, root: head.root, streams: new Map(), days: new Set<string>() };
  const isContinued =
    last === undefined || (before !== undefined && treeOf(before, tiles) !== undefined);
  return { memory, isContinued };
}

interface EdgeTile {
  readonly level: number;
  readonly tile: number;
  /** Of it that belong to the tree: others may have come since. */
  readonly bytes: number;
}

/** The tiles that are not full in a tree of that size. */
function edgeOf(size: number): readonly EdgeTile[] {
  const edge: EdgeTile[] = [];
  for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / TILE_WIDTH)) {
    const bytes = (rest % TILE_WIDTH) * HASH_BYTES;
    edge.push({ level, tile: Math.floor(rest / TILE_WIDTH), bytes });
  }
  return edge;
}

function treeOf(
  { size, root }: LedgerHead,
  tiles: ReadonlyMap<string, Buffer>,
): TileBuilder | undefined {
  const partial: Buffer[] = [];
  for (const { level, tile, bytes } of edgeOf(size)) {
    const hashes = tiles.get(`${level}/${tile}`) ?? Buffer.alloc(0);
    if (hashes.length < bytes) return undefined;
    partial.push(hashes.subarray(0, bytes));
  }
  const tree = new TileBuilder(size, partial);
  return tree.root().equals(root) ? tree : undefined;
}
