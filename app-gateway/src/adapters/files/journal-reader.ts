import { type FileHandle, open } from 'node:fs/promises';
import type { JournalBatch } from '../../ports/ledger-journal.ts';
import type { RecordSpan } from '../../ports/ledger-store.ts';
import { decodeEntry, ENTRY_BYTES_MAX, JOURNAL_MAGIC } from './journal-entry.ts';
import { segmentPath } from './journal-files.ts';

/** Bytes that are read at once: a whole entry at least. */
const READ_BYTES = 2 * ENTRY_BYTES_MAX;

interface Segment {
  readonly number: number;
  /** Up to where it may be read; none: it was left by another process, and may be read as far as it is good. */
  durableBytes: number | undefined;
}

/** Reads a journal's files in order, the one that is being written as far as it is durable. */
export class JournalReader {
  readonly #folder: string;
  readonly #tailCut: (segment: number, bytes: number) => void;
  /** From the one that is being read on. */
  readonly #segments: Segment[];
  #file: FileHandle | undefined;
  #offset = 0;

  constructor(
    folder: string,
    left: readonly number[],
    tailCut: (segment: number, bytes: number) => void,
  ) {
    this.#folder = folder;
    this.#tailCut = tailCut;
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
      const left = end - this.#offset - found.bytes;
      if (left > 0) this.#tailCut(number, left);
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

  async #leave(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#offset = 0;
    this.#segments.shift();
    await file?.close().catch(() => undefined);
  }
}
