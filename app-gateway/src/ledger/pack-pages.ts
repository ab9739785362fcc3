import { formatSource } from '@sallyport/shared/audit/source.ts';
import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerReader } from '../ports/ledger-reader.ts';
import type { LedgerEntry, LedgerFailure, StoredCheckpoint } from '../ports/ledger-store.ts';
import { checkpointText } from './checkpoint-text.ts';
import { provedFromTiles } from './ledger-hashes.ts';
import { type LedgerKeys, PACK_FORMAT, PACK_VERSION, type Subtree } from './verify/pack-format.ts';
import {
  checkpointFrame,
  endFrame,
  keysFrame,
  packHeader,
  recordsFrame,
  sourceFrame,
  subtreesFrame,
  tileFrame,
} from './verify/pack-writer.ts';
import { coverOf } from './verify/subtree-stack.ts';

/** Which records, and to which tree they are proved. */
export interface PackRange {
  readonly from: number;
  readonly to: number;
  readonly size: number;
  /** Size of a checkpoint that the verifier will compare with: where records are left out, hashes that end there stand for them. */
  readonly known?: number;
}

/** Where a pack goes on. */
export interface PackPlace extends PackRange {
  readonly at: number;
  readonly records: number;
}

/** A piece of a pack, and where the next one begins; undefined: this was the last. */
export interface PackPage {
  readonly bytes: Buffer;
  readonly next: PackPlace | undefined;
}

const CHECKPOINTS_MAX = 1000;
const ENTRIES_MAX = 1024;
const PAGE_BYTES_MAX = 800_000;
const RECORDS_BYTES_MAX = 262_144;

/** What stands before the records: header, keys, checkpoints, and the tree left of them. */
export async function firstPackPage(
  reader: LedgerReader,
  keys: LedgerKeys,
  { from, to, size, known }: PackRange,
): Promise<Result<PackPage, LedgerFailure>> {
  const stored = await reader.checkpoints({ belowSize: size + 1, limit: CHECKPOINTS_MAX });
  if (!stored.ok) return stored;
  const frames = checkpointFrames(stored.value, { from, to, size });
  const left = await subtreesOver(reader, 0, from, known);
  if (!left.ok) return left;
  const bytes = Buffer.concat([
    packHeader({ format: PACK_FORMAT, version: PACK_VERSION, origin: keys.origin, from, to, size }),
    keysFrame(keys),
    ...frames,
    ...(left.value.length > 0 ? [subtreesFrame(left.value)] : []),
  ]);
  return ok({ bytes, next: { from, to, size, at: from, records: 0 } });
}

/** Those that the records can be compared with, by size; the oldest are left out where all do not fit one page. */
function checkpointFrames(
  newestFirst: readonly StoredCheckpoint[],
  { from, to, size }: PackRange,
): readonly Buffer[] {
  const frames: Buffer[] = [];
  let bytes = 0;
  for (const checkpoint of newestFirst) {
    const { size: of } = checkpoint;
    if (of !== size && (of <= from || of > to)) continue;
    const frame = checkpointFrame(checkpointText(checkpoint));
    bytes += frame.length;
    if (bytes > PAGE_BYTES_MAX) break;
    frames.unshift(frame);
  }
  return frames;
}

/** The next records with the stored hashes of their tiles; behind the last ones the rest of the tree and the end. */
export async function packPage(
  reader: LedgerReader,
  place: PackPlace,
): Promise<Result<PackPage, LedgerFailure>> {
  const { from, to, size, known } = place;
  const days = await reader.days();
  if (!days.ok) return days;
  const dropped = days.value.filter(({ droppedAtMs }) => droppedAtMs !== undefined);
  const page = new PageFrames();
  let { at } = place;
  while (at < to && page.bytes < PAGE_BYTES_MAX) {
    const day = dropped.find(({ firstIndex, endIndex }) => firstIndex <= at && at < endIndex);
    if (day !== undefined) {
      const end = Math.min(day.endIndex, to);
      const hole = await subtreesOver(reader, at, end, known);
      if (!hole.ok) return hole;
      page.add(subtreesFrame(hole.value));
      at = end;
      continue;
    }
    const tileNumber = Math.floor(at / TILE_WIDTH);
    const end = Math.min(
      to,
      (tileNumber + 1) * TILE_WIDTH,
      ...dropped.map(({ firstIndex }) => firstIndex).filter((first) => first > at),
    );
    const added = await addTile(page, reader, tileNumber, at, end);
    if (!added.ok) return added;
    at = end;
  }
  const records = place.records + page.records;
  if (at < to) return ok({ bytes: page.taken(), next: { from, to, size, at, records } });
  const right = await subtreesOver(reader, to, size, known);
  if (!right.ok) return right;
  if (right.value.length > 0) page.add(subtreesFrame(right.value));
  page.add(endFrame(records));
  return ok({ bytes: page.taken(), next: undefined });
}

async function addTile(
  page: PageFrames,
  reader: LedgerReader,
  tileNumber: number,
  from: number,
  to: number,
): Promise<Result<undefined, LedgerFailure>> {
  const tile = await reader.tile(0, tileNumber);
  if (!tile.ok) return tile;
  if (tile.value !== undefined) page.add(tileFrame(tileNumber, tile.value));
  for (let at = from; at < to; at += ENTRIES_MAX) {
    const entries = await reader.entries(at, Math.min(to, at + ENTRIES_MAX));
    if (!entries.ok) return entries;
    page.addEntries(entries.value);
  }
  return ok(undefined);
}

/** Hashes of the tree over leaves whose records are not in the pack. */
async function subtreesOver(
  reader: LedgerReader,
  start: number,
  end: number,
  known = start,
): Promise<Result<readonly Subtree[], LedgerFailure>> {
  const cut = Math.min(Math.max(start, known), end);
  return provedFromTiles(reader, (hashAt) =>
    [...coverOf(start, cut), ...coverOf(cut, end)].map(({ level, number }) => ({
      level,
      number,
      hash: Buffer.from(hashAt(level, number)),
    })),
  );
}

/** Frames of one page; sources are numbered anew in each. */
class PageFrames {
  readonly #frames: Buffer[] = [];
  readonly #sources = new Map<string, number>();
  bytes = 0;
  records = 0;

  add(frame: Buffer): void {
    this.#frames.push(frame);
    this.bytes += frame.length;
  }

  addEntries(entries: readonly LedgerEntry[]): void {
    let run: { source: number; record: Buffer }[] = [];
    let first = 0;
    let runBytes = 0;
    const flush = () => {
      if (run.length > 0) this.add(recordsFrame(first, run));
      run = [];
      runBytes = 0;
    };
    for (const { index, source, record } of entries) {
      const number = this.#numberOf(source);
      if (run.length > 0 && (index !== first + run.length || runBytes > RECORDS_BYTES_MAX)) flush();
      if (run.length === 0) first = index;
      run.push({ source: number, record });
      runBytes += record.length;
      this.records++;
    }
    flush();
  }

  taken(): Buffer {
    return Buffer.concat(this.#frames);
  }

  #numberOf(source: LedgerEntry['source']): number {
    const name = formatSource(source);
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    const number = this.#sources.size;
    this.#sources.set(name, number);
    this.add(sourceFrame({ number, source }));
    return number;
  }
}
