import { hash, type KeyObject } from 'node:crypto';
import { type Checkpoint, parseCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { HASH_BYTES, leafHash } from '@sallyport/shared/audit/merkle.ts';
import { parseNote, verifyNote } from '@sallyport/shared/audit/note.ts';
import { NOTE_KEY_TYPE, noteKey } from '@sallyport/shared/audit/note-key.ts';
import { TileBuilder } from '@sallyport/shared/audit/tile-builder.ts';
import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';

/** What was found of the ledger in a backup. */
export interface LedgerFound {
  readonly records: number;
  /** Size of the newest checkpoint; undefined: none is signed. */
  readonly checkpointSize: number | undefined;
}

interface DayRow {
  readonly first_index: number;
  readonly end_index: number;
  readonly dropped_at_ms: number | null;
}

interface TileRow {
  readonly level: number;
  readonly tile: number;
  readonly hashes: string;
}

interface EntryRow {
  readonly index: number;
  readonly record: string;
}

const PROBLEMS_MAX = 20;

/**
 * Builds the tree of a ledger anew from its rows, as they come: each record against its hash, the hashes against the
 * newest checkpoint and its signature, and against the head.
 *
 * It remembers the right edge of the tree and a hash for each tile above the lowest, one in 65,536 records.
 */
export class LedgerCheck {
  readonly #problems: string[] = [];
  readonly #dropped: DayRow[] = [];
  readonly #tree = new TileBuilder();
  readonly #upper = new Map<string, string>();
  #newest: { readonly size: number; readonly note: string } | undefined;
  #checkpoint: Checkpoint | undefined;
  /** Lowest tile whose records come now. */
  #tile: { readonly first: number; readonly hashes: Buffer } | undefined;
  #nextIndex = 0;
  #records = 0;

  /** Rows of one table; those that are no matter of the ledger are passed over. */
  take(table: string, rows: readonly string[]): void {
    switch (table) {
      case 'audit_day':
        return this.#each<DayRow>(rows, (day) => {
          if (day.dropped_at_ms !== null) this.#dropped.push(day);
        });
      case 'audit_checkpoint':
        return this.#each<{ size: number; note: string }>(rows, ({ size, note }) => {
          if (this.#newest === undefined || size > this.#newest.size) this.#newest = { size, note };
        });
      case 'audit_tile':
        return this.#each<TileRow>(rows, (row) => this.#takeTile(row));
      case 'audit_entry':
        return this.#each<EntryRow>(rows, (row) => this.#takeEntry(row));
    }
  }

  /** Everything that is wrong, once all has come. */
  finish(
    { size, root }: { readonly size: number; readonly root: string },
    origin: string,
    publicKey: KeyObject,
  ): { readonly problems: readonly string[]; readonly found: LedgerFound } {
    this.#skipDropped(size);
    if (this.#nextIndex !== size) this.#wrong(`records end at ${this.#nextIndex}, not at ${size}`);
    if (this.#tree.size !== size) this.#wrong(`hashes end at ${this.#tree.size}, not at ${size}`);
    if (this.#tree.root().toString('hex') !== root) this.#wrong('the tree is not that of its head');
    for (const { level, index, bytes } of [
      ...this.#tree.takeFull(),
      ...this.#tree.partialTiles(),
    ]) {
      this.#expectUpper(level, index, bytes);
    }
    for (const [name, digest] of this.#upper) {
      if (digest !== '') this.#wrong(`tile ${name} is missing`);
    }
    this.#checkNewest(origin, publicKey);
    const found = { records: this.#records, checkpointSize: this.#newest?.size };
    return { problems: this.#problems, found };
  }

  #takeTile({ level, tile, hashes }: TileRow): void {
    const bytes = bytesOf(hashes);
    if (level > 0) return this.#takeUpper(level, tile, bytes);
    const first = tile * TILE_WIDTH;
    if (first !== this.#tree.size)
      return this.#wrong(`hashes of record ${this.#tree.size} are missing`);
    this.#tile = { first, hashes: bytes };
    const wanted = this.#wantedCheckpoint();
    for (let at = 0; at + HASH_BYTES <= bytes.length; at += HASH_BYTES) {
      this.#tree.append(bytes.subarray(at, at + HASH_BYTES));
      if (wanted?.size === this.#tree.size && !this.#tree.root().equals(wanted.root)) {
        this.#wrong(`the checkpoint of ${wanted.size} records is of another tree`);
      }
    }
    for (const full of this.#tree.takeFull()) this.#expectUpper(full.level, full.index, full.bytes);
  }

  #takeEntry({ index, record }: EntryRow): void {
    this.#skipDropped(index);
    if (index !== this.#nextIndex) return this.#wrong(`record ${this.#nextIndex} is missing`);
    this.#nextIndex++;
    this.#records++;
    const { first, hashes } = this.#tile ?? { first: 0, hashes: Buffer.alloc(0) };
    const at = (index - first) * HASH_BYTES;
    const known = at < 0 ? Buffer.alloc(0) : hashes.subarray(at, at + HASH_BYTES);
    if (known.length === 0) return this.#wrong(`the hash of record ${index} is missing`);
    if (!leafHash(bytesOf(record)).equals(known)) {
      this.#wrong(`record ${index} is not the one that its hash is of`);
    }
  }

  /** What a day was dropped of has hashes, and no records. */
  #skipDropped(until: number): void {
    for (;;) {
      const at = this.#nextIndex;
      const day = this.#dropped.find((one) => one.first_index <= at && at < one.end_index);
      if (day === undefined || at >= until) return;
      this.#nextIndex = Math.min(day.end_index, until);
    }
  }

  /** Upper tiles come behind the lowest ones: by then each is known. */
  #expectUpper(level: number, index: number, bytes: Buffer): void {
    if (level === 0) return;
    const name = `${level}/${index}`;
    if (this.#upper.get(name) !== '') this.#upper.set(name, hash('sha256', bytes));
    else this.#upper.set(name, '');
  }

  #takeUpper(level: number, tile: number, bytes: Buffer): void {
    for (const part of this.#tree.partialTiles()) {
      this.#expectUpper(part.level, part.index, part.bytes);
    }
    const name = `${level}/${tile}`;
    if (this.#upper.get(name) !== hash('sha256', bytes)) this.#wrong(`tile ${name} is another`);
    // Seen.
    this.#upper.set(name, '');
  }

  #wantedCheckpoint(): Checkpoint | undefined {
    if (this.#newest === undefined) return undefined;
    if (this.#checkpoint === undefined) {
      const note = parseNote(Buffer.from(this.#newest.note));
      const parsed = note.ok ? parseCheckpoint(note.value.text) : note;
      if (parsed.ok) this.#checkpoint = parsed.value;
    }
    return this.#checkpoint;
  }

  #checkNewest(origin: string, publicKey: KeyObject): void {
    const newest = this.#newest;
    if (newest === undefined) return;
    const note = parseNote(Buffer.from(newest.note));
    const key = noteKey(origin, NOTE_KEY_TYPE.ed25519, publicKey);
    if (!note.ok || !verifyNote(note.value, [key]).ok) {
      return this.#wrong(`the checkpoint of ${newest.size} records is not signed by this site`);
    }
    const checkpoint = this.#wantedCheckpoint();
    if (checkpoint?.size !== newest.size || checkpoint.origin !== origin) {
      this.#wrong(`the checkpoint of ${newest.size} records says something else`);
    }
    if (newest.size > this.#tree.size) {
      this.#wrong(`the checkpoint is of ${newest.size} records, and there are fewer`);
    }
  }

  #each<Row>(rows: readonly string[], take: (row: Row) => void): void {
    for (const row of rows) take(JSON.parse(row) as Row);
  }

  #wrong(problem: string): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(`ledger: ${problem}`);
  }
}

/** As PostgreSQL writes `bytea` into JSON. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}
