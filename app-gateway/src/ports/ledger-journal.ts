import type { RecordSpan } from './ledger-store.ts';

/** Spans out of the journal, and how far they reach. */
export interface JournalBatch {
  readonly spans: readonly RecordSpan[];
  /** Opaque to the reader: given back once the spans are elsewhere. */
  readonly end: JournalPosition;
}

export interface JournalPosition {
  readonly segment: number;
  readonly offset: number;
}

/**
 * Port. Where records are safe between their arrival and the ledger: what was appended outlives the process and
 * the host's power, and is read in the same order.
 */
export interface LedgerJournal {
  /** Keeps a copy. True: it is on the disk now, however long that took. False: the journal was closed before. */
  append(span: RecordSpan): Promise<boolean>;
  /** Bytes that were given to it and are not on the disk. */
  readonly waitingBytes: number;
  /**
   * Bytes that are not known to be in the ledger, on the disk or not yet: after a start all that is kept, until it was
   * read again.
   */
  readonly unreleasedBytes: number;
  /** Bytes that it has room for, beside what is on the disk. */
  readonly freeBytes: number;
  /** Whether the disk takes nothing at the moment: what was given waits. */
  readonly isFailing: boolean;
  /** What comes after the last batch that was read; undefined: nothing is there yet. */
  next(): Promise<JournalBatch | undefined>;
  /** Everything up to here is in the ledger. */
  release(end: JournalPosition): Promise<void>;
  /** Nothing is known to be in the ledger any more: all that is kept is read again, from its beginning. */
  rewind(): Promise<void>;
  /** Lets what was given reach the disk, if it can, and stops. */
  close(): Promise<void>;
}
