import { mkdir, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '@sallyport/shared/error-code.ts';
import type { JournalBatch, JournalPosition, LedgerJournal } from '../../ports/ledger-journal.ts';
import type { RecordSpan } from '../../ports/ledger-store.ts';
import { encodeEntry, JOURNAL_MAGIC } from './journal-entry.ts';
import {
  type CreateSegment,
  createSegment,
  listSegments,
  type SegmentFile,
  segmentPath,
} from './journal-files.ts';
import { type JournalDamage, JournalReader } from './journal-reader.ts';

/** What happened to the disk under a journal; for operators. */
export interface JournalEvents extends JournalDamage {
  /** The disk takes nothing: what was given waits, and nothing is acknowledged. Once per trouble. */
  failing(reason: string): void;
  /** It takes again. */
  recovered(): void;
  /** Something can be read that could not before. */
  news(): void;
}

export interface JournalOptions {
  readonly folder: string;
  readonly events: JournalEvents;
  /** Of all files together; what does not fit waits as if the disk was full. */
  readonly bytesMax: number;
  readonly segmentBytes?: number;
  readonly retryMs?: number;
  readonly create?: CreateSegment;
}

const SEGMENT_BYTES = 8_388_608;
const RETRY_MS = 1000;
/** Bytes that go to the disk as one. */
const GROUP_BYTES_MAX = 4_194_304;
/**
 * Files that stay after all of them is in the ledger: a database forgets its last seconds where its host loses power,
 * or a copy of it that was a second behind takes its place, and is told again.
 */
const SEGMENTS_KEPT = 8;
/** So many of them stay even where the disk is full; the others are then given up, oldest first. */
const SEGMENTS_KEPT_WHEN_FULL = 1;
const FULL_CODES = ['journal-full', 'ENOSPC', 'EDQUOT'];

interface Waiting {
  readonly entry: Buffer;
  readonly done: (isDurable: boolean) => void;
}

/**
 * Adapter. The journal in files of one folder, written from one end and removed from the other.
 *
 * Entries go to the disk in groups: whoever comes while one group is on its way is in the next, and is told when
 * that is durable (fdatasync). A file in which a write failed is never written to again: after a failed sync
 * nobody knows what of it is on the disk.
 */
export class FileJournal implements LedgerJournal {
  readonly #folder: string;
  readonly #events: JournalEvents;
  readonly #bytesMax: number;
  readonly #segmentBytes: number;
  readonly #retryMs: number;
  readonly #create: CreateSegment;
  readonly #reader: JournalReader;
  /** Bytes of each file that is there, but the one that is written. */
  readonly #sizes: Map<number, number>;
  readonly #queue: Waiting[] = [];
  readonly #closing = new AbortController();
  #file: SegmentFile | undefined;
  #segment: number;
  #offset = 0;
  /** Up to here all is in the ledger. */
  #released: JournalPosition = { segment: 0, offset: 0 };
  #waitingBytes = 0;
  #freeBytes: number;
  #isFailing = false;
  #writing: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  private constructor(options: JournalOptions, sizes: Map<number, number>) {
    const last = [...sizes.keys()].at(-1) ?? 0;
    this.#folder = options.folder;
    this.#events = options.events;
    this.#bytesMax = options.bytesMax;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#retryMs = options.retryMs ?? RETRY_MS;
    this.#create = options.create ?? createSegment;
    this.#sizes = sizes;
    this.#freeBytes = this.#room();
    this.#segment = last;
    this.#reader = new JournalReader(options.folder, [...sizes.keys()], options.events);
  }

  /** Opens what an earlier process has left, and goes on in a new file. Throws where the folder cannot be used. */
  static async open(options: JournalOptions): Promise<FileJournal> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const sizes = new Map<number, number>();
    for (const segment of await listSegments(options.folder)) {
      sizes.set(segment, (await stat(segmentPath(options.folder, segment))).size);
    }
    return new FileJournal(options, sizes);
  }

  append(span: RecordSpan): Promise<boolean> {
    if (this.#closing.signal.aborted) return Promise.resolve(false);
    const entry = encodeEntry(span);
    this.#waitingBytes += entry.length;
    return new Promise((done) => {
      this.#queue.push({ entry, done });
      this.#writing ??= this.#write();
    });
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get unreleasedBytes(): number {
    const { segment, offset } = this.#released;
    let bytes = this.#waitingBytes;
    for (const [number, size] of [...this.#sizes, [this.#segment, this.#offset] as const]) {
      const from = number === segment ? offset : JOURNAL_MAGIC.length;
      if (number >= segment) bytes += Math.max(0, size - from);
    }
    return bytes;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  next(): Promise<JournalBatch | undefined> {
    return this.#reader.next();
  }

  async release(end: JournalPosition): Promise<void> {
    const { segment } = end;
    this.#released = end;
    for (const old of [...this.#sizes.keys()]) {
      if (old > segment - SEGMENTS_KEPT || old >= this.#segment) continue;
      await this.#remove(old);
    }
    this.#freeBytes = this.#room();
  }

  async rewind(): Promise<void> {
    this.#released = { segment: 0, offset: 0 };
    this.#freeBytes = this.#room();
    const rewound = this.#reader.rewind([...this.#sizes.keys()]);
    if (this.#file !== undefined) this.#reader.extend(this.#segment, this.#offset);
    await rewound;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
    for (const { done } of this.#queue.splice(0)) done(false);
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    await this.#reader.close();
  }

  /** Group after group until nobody waits. */
  async #write(): Promise<void> {
    // Whoever is in the same turn is in the same group.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#nextGroup();
      const bytes = Buffer.concat(group.map(({ entry }) => entry));
      if (!(await this.#persist(bytes))) {
        for (const { done } of group) done(false);
        break;
      }
      this.#waitingBytes -= bytes.length;
      for (const { done } of group) done(true);
      this.#events.news();
    }
    this.#writing = undefined;
  }

  #nextGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { entry } of this.#queue) {
      if (count > 0 && bytes + entry.length > GROUP_BYTES_MAX) break;
      bytes += entry.length;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  /** Tries until the bytes are durable; false: the journal was closed first. */
  async #persist(bytes: Buffer): Promise<boolean> {
    for (;;) {
      try {
        await this.#writeOnce(bytes);
        if (this.#isFailing) {
          this.#isFailing = false;
          this.#events.recovered();
        }
        return true;
      } catch (cause) {
        await this.#abandon();
        const reason = reasonOf(cause);
        if (FULL_CODES.includes(reason) && (await this.#giveUpOldest())) continue;
        if (!this.#isFailing) {
          this.#isFailing = true;
          this.#events.failing(reason);
        }
        if (this.#closing.signal.aborted) return false;
        await delay(this.#retryMs, undefined, { signal: this.#closing.signal }).catch(
          () => undefined,
        );
      }
    }
  }

  async #writeOnce(bytes: Buffer): Promise<void> {
    if (this.#totalBytes() + bytes.length > this.#bytesMax) throw new Error('journal-full');
    if (this.#file === undefined || this.#offset >= this.#segmentBytes) await this.#begin();
    const file = this.#file as SegmentFile;
    await file.write(bytes, this.#offset);
    await file.datasync();
    this.#offset += bytes.length;
    this.#freeBytes = this.#room();
    this.#reader.extend(this.#segment, this.#offset);
  }

  /** Makes room by a file that is only kept to be told again; false: there is none to spare. */
  async #giveUpOldest(): Promise<boolean> {
    const oldest = this.#sizes.keys().next().value;
    if (oldest === undefined || !this.#isSpare(oldest)) return false;
    try {
      await this.#remove(oldest);
      return true;
    } catch {
      return false;
    }
  }

  async #remove(segment: number): Promise<void> {
    await rm(segmentPath(this.#folder, segment), { force: true });
    this.#sizes.delete(segment);
  }

  /** What fits beside that which the ledger lacks: other files make room when there is none. */
  #room(): number {
    let bytes = this.#offset;
    for (const [segment, size] of this.#sizes) if (!this.#isSpare(segment)) bytes += size;
    return Math.max(0, this.#bytesMax - bytes);
  }

  #isSpare(segment: number): boolean {
    return segment < this.#released.segment - SEGMENTS_KEPT_WHEN_FULL;
  }

  #totalBytes(): number {
    let bytes = this.#offset;
    for (const size of this.#sizes.values()) bytes += size;
    return bytes;
  }

  async #begin(): Promise<void> {
    await this.#abandon();
    this.#segment += 1;
    const file = await this.#create(this.#folder, this.#segment);
    this.#file = file;
    await file.write(JOURNAL_MAGIC, 0);
    this.#offset = JOURNAL_MAGIC.length;
  }

  /** This file is not written to any more; what of it was told to be durable is. */
  async #abandon(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    const offset = this.#offset;
    this.#file = undefined;
    this.#offset = 0;
    await file.close().catch(() => undefined);
    if (offset > JOURNAL_MAGIC.length) this.#sizes.set(this.#segment, offset);
    else await rm(segmentPath(this.#folder, this.#segment), { force: true }).catch(() => undefined);
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  return errorCode(cause) ?? cause.message;
}
