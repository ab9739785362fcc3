import { type FileHandle, open } from 'node:fs/promises';
import type { JournalBatch } from '../../ports/ledger-journal.ts';
import type { RecordSpan } from '../../ports/ledger-store.ts';
import { decodeEntry, ENTRY_BYTES_MAX, goodEntryAfter, JOURNAL_MAGIC } from './journal-entry.ts';
import { segmentPath } from './journal-files.ts';

/** Bytes that are read at once: a whole entry at least. */
const READ_BYTES = 2 * ENTRY_BYTES_MAX;

interface Segment {
  readonly number: number;
  /** Up to where it may be read; none: it was left by another process, and may be read as far as it is good. */
  durableBytes: number | undefined;
}

/** What of a file is not as it was written: so many bytes of it are not read. */
export interface JournalDamage {
  /** At its end, as after a loss of power. */
  tailCut(segment: number, bytes: number): void;
  /** Before entries that are good. */
  damaged(segment: number, bytes: number): void;
}

/** Reads a journal's files in order, the one that is being written as far as it is durable. */
export class JournalReader {
  readonly #folder: string;
  readonly #damage: JournalDamage;
  /** From the one that is being read on. */
  readonly #segments: Segment[];
  #file: FileHandle | undefined;
  #offset = 0;

  constructor(folder: string, left: readonly number[], damage: JournalDamage) {
    this.#folder = folder;
    this.#damage = damage;
    this.#segments = left.map((number) => ({ number, durableBytes: undefined }));
  }

  /** So much of this file may be read. */
  extend(number: number, durableBytes: number): void {
    const last = this.#segments.at(-1);
    if (last?.number === number) last.durableBytes = durableBytes;
    else this.#segments.push({ number, durableBytes });
  }

  /** The next spans, in the order they were written; undefined: everything was read. */
  async next(): Promise<JournalBatch | undefined> {
    for (;;) {
      const segment = this.#segments[0];
      if (segment === undefined) return undefined;
      const batch = await this.#read(segment);
      if (batch !== undefined) return batch;
      if (this.#segments.length === 1) {
        // The last one may still grow, unless it was left by another process.
        if (segment.durableBytes !== undefined) return undefined;
      }
      await this.#leave();
    }
  }

  /** Goes back to the beginning of these files; each is read as far as it is good. */
  async rewind(numbers: readonly number[]): Promise<void> {
    const left = this.#leave();
    this.#segments.splice(
      0,
      Number.POSITIVE_INFINITY,
      ...numbers.map((number) => ({ number, durableBytes: undefined })),
    );
    await left;
  }

  async close(): Promise<void> {
    this.#segments.length = 0;
    await this.#leave();
  }

  async #read({ number, durableBytes }: Segment): Promise<JournalBatch | undefined> {
    this.#file ??= await open(segmentPath(this.#folder, number), 'r');
    const end = durableBytes ?? (await this.#file.stat()).size;
    if (end <= this.#offset) return undefined;
    const bytes = Buffer.allocUnsafe(Math.min(READ_BYTES, end - this.#offset));
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, this.#offset);
    const found = this.#parse(bytes.subarray(0, bytesRead));
    if (found.spans.length === 0) {
      const good = this.#goodAfter(bytes.subarray(0, bytesRead), found.bytes);
      if (good !== undefined) {
        this.#damage.damaged(number, good - found.bytes);
        this.#offset += good;
        return this.#read({ number, durableBytes });
      }
      const left = end - this.#offset - found.bytes;
      if (left > 0) this.#damage.tailCut(number, left);
      this.#offset = end;
      return undefined;
    }
    this.#offset += found.bytes;
    return { spans: found.spans, end: { segment: number, offset: this.#offset } };
  }

  #parse(bytes: Buffer): { readonly spans: readonly RecordSpan[]; readonly bytes: number } {
    const spans: RecordSpan[] = [];
    let at = 0;
    if (this.#offset === 0) {
      at = JOURNAL_MAGIC.length;
      if (!bytes.subarray(0, at).equals(JOURNAL_MAGIC)) return { spans, bytes: 0 };
    }
    for (;;) {
      const entry = decodeEntry(bytes, at);
      if (entry === undefined) return { spans, bytes: at };
      spans.push(entry.span);
      at = entry.end;
    }
  }

  /** Where the first good entry is behind what cannot be read at `at`: the file's own beginning, or an entry. */
  #goodAfter(bytes: Buffer, at: number): number | undefined {
    const isBeginning = this.#offset === 0 && at === 0;
    if (!isBeginning) return goodEntryAfter(bytes, at);
    const first = JOURNAL_MAGIC.length;
    return decodeEntry(bytes, first) === undefined ? goodEntryAfter(bytes, first) : first;
  }

  async #leave(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#offset = 0;
    this.#segments.shift();
    await file?.close().catch(() => undefined);
  }
}
