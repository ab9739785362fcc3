import type {
  JournalBatch,
  JournalPosition,
  LedgerJournal,
} from '@sallyport/app-gateway/ports/ledger-journal.ts';
import type { RecordSpan } from '@sallyport/app-gateway/ports/ledger-store.ts';

/** A journal for tests: what is given becomes durable when the test says so. */
export class MemoryJournal implements LedgerJournal {
  readonly spans: RecordSpan[] = [];
  readonly released: JournalPosition[] = [];
  waitingBytes = 0;
  unreleasedBytes = 0;
  freeBytes = Number.POSITIVE_INFINITY;
  isFailing = false;
  /** Batches of so many spans. */
  batchSpans = 100;
  /** Waits for `sync`; else durable at once. */
  isSlow = false;
  #waiting: (() => void)[] = [];
  #read = 0;

  append({ source, records }: RecordSpan): Promise<boolean> {
    const span = { source, records: Buffer.from(records) };
    this.waitingBytes += records.length;
    return new Promise((done) => {
      const store = () => {
        this.waitingBytes -= records.length;
        this.spans.push(span);
        done(true);
      };
      if (this.isSlow) this.#waiting.push(store);
      else store();
    });
  }

  /** All that waits is durable now. */
  sync(): void {
    for (const store of this.#waiting.splice(0)) store();
  }

  async next(): Promise<JournalBatch | undefined> {
    const spans = this.spans.slice(this.#read, this.#read + this.batchSpans);
    if (spans.length === 0) return undefined;
    this.#read += spans.length;
    return { spans, end: { segment: 1, offset: this.#read } };
  }

  async release(end: JournalPosition): Promise<void> {
    this.released.push(end);
  }

  async rewind(): Promise<void> {
    this.#read = 0;
  }

  async close(): Promise<void> {
    this.sync();
  }
}
