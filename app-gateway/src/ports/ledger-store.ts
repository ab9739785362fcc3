import type { AuditSource } from '@sallyport/shared/audit/source.ts';
import type { Result } from '@sallyport/shared/result.ts';
import type { SearchedMender } from './searched-mender.ts';
import type { SearchedTables } from './searched-tables.ts';

/** Whole records of one source, one after another, numbered without holes. */
export interface RecordSpan {
  readonly source: AuditSource;
  readonly records: Buffer;
}

/** How many leaves the tree has, and its root (RFC 9162 §2.1). */
export interface LedgerHead {
  readonly size: number;
  readonly root: Buffer;
}

/** One record in its place. The record's own bytes are what counts; all else was found in or about them. */
export interface LedgerEntry {
  /** Place in the ledger, and in the tree, from 0. */
  readonly index: number;
  /** `2026-11-21`: the day (UTC) on which it was put there. */
  readonly day: string;
  readonly source: AuditSource;
  readonly seq: number;
  readonly record: Buffer;
}

/**
 * Which records are asked for; all that is given must hold.
 *
 * Text is compared whole and as it stands in the record; users are meant on either side.
 */
export interface LedgerQuery {
  /** Time of the record, from (inclusive) and until (exclusive). */
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** Numbers of record types. */
  readonly types?: readonly number[];
  readonly partner?: string;
  readonly user?: string;
  /** Any of them. */
  readonly callIds?: readonly string[];
  readonly address?: string;
  readonly verdict?: string;
  readonly status?: number;
  readonly node?: string;
  /** Pages: entries below, or above, this index. */
  readonly belowIndex?: number;
  readonly fromIndex?: number;
  readonly order: 'newest-first' | 'oldest-first';
  /** At most 10,000. */
  readonly limit: number;
}

/** A source as the ledger knows it. */
export interface LedgerStream {
  readonly source: AuditSource;
  /** Numbers that are in the ledger, as [first, end); one range unless something is missing or still to come. */
  readonly ranges: readonly (readonly [first: number, end: number])[];
}

/** A day's share of the ledger. */
export interface LedgerDay {
  readonly day: string;
  readonly firstIndex: number;
  readonly endIndex: number;
  /** Earliest and latest time in its records. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly recordBytes: number;
  /** When its records were dropped; their hashes stay. */
  readonly droppedAtMs?: number;
}

/** From (inclusive) and until (exclusive); what is absent is open. */
export interface TimeSpan {
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** How many records of a type there are, by its number. */
export interface TypeCount {
  readonly type: number;
  readonly records: number;
}

/** Something signed about the tree, and who else has signed it. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly atMs: number;
  /** Signed note (C2SP tlog-checkpoint), with the ledger's own signature. */
  readonly note: string;
  /** Signature lines of witnesses (C2SP tlog-cosignature), by name. */
  readonly cosignatures: Readonly<Record<string, string>>;
}

/** How many checkpoints were removed, and up to which size all were looked at; `isMore`: there are more of that age. */
export interface Thinned {
  readonly removed: number;
  readonly upTo: number;
  readonly isMore: boolean;
}

/** Days that nobody may drop, and why. */
export interface LegalHold {
  readonly name: string;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly reason: string;
  readonly setBy: string;
  readonly setAtMs: number;
  readonly liftedBy?: string;
  readonly liftedAtMs?: number;
}

/** Why the ledger did nothing. */
export type LedgerFailure =
  | { readonly code: 'unavailable'; readonly reason: string }
  /** The tree in the database is not the one that its own head speaks of: nobody writes on. */
  | { readonly code: 'damaged'; readonly reason: string }
  /** A hold of this name exists, or none does. */
  | { readonly code: 'conflict' };

/** What became of a batch. */
export interface Appended {
  readonly head: LedgerHead;
  /** Records that are new; the others were there already. */
  readonly added: number;
  /**
   * The ledger did not begin with what this process had written there: another copy of the database answers, or an earlier
   * state of it. The sizes: what it had been left with, and what was found.
   */
  readonly setBack?: { readonly from: number; readonly to: number };
  /** The first of them began a day; `previousDay`: the one that ended with it. */
  readonly begun?: Pick<LedgerDay, 'day' | 'firstIndex'> & { readonly previousDay?: string };
}

/**
 * Port. All records in one order for ever, the tree over them, and what was signed about it.
 *
 * Several gateways may write at once; they wait for each other. Records of one source can stand in another
 * order than their numbers where a gateway was lost and came back: numbers, not places, say what was first.
 */
export interface LedgerStore {
  /** All or nothing; what is there already is skipped. Spans are decoded records: this does not check them. */
  append(spans: readonly RecordSpan[], nowMs: number): Promise<Result<Appended, LedgerFailure>>;
  head(): Promise<Result<LedgerHead, LedgerFailure>>;
  /** Places [from, to), at most 10,000 of them, without those that were dropped. */
  entries(from: number, to: number): Promise<Result<readonly LedgerEntry[], LedgerFailure>>;
  /** Those of places [from, to), at most 10,000 of them, that are of these types by their own octets, whatever stands beside them. */
  told(
    types: readonly number[],
    from: number,
    to: number,
  ): Promise<Result<readonly LedgerEntry[], LedgerFailure>>;
  search(query: LedgerQuery): Promise<Result<readonly LedgerEntry[], LedgerFailure>>;
  /** What refers to these requests by their number: answers. Oldest first. */
  referring(
    requests: readonly Pick<LedgerEntry, 'source' | 'seq'>[],
  ): Promise<Result<readonly LedgerEntry[], LedgerFailure>>;
  streams(): Promise<Result<readonly LedgerStream[], LedgerFailure>>;
  /** Hashes of one tile, 32 octets each, as many as there are by now; undefined: none. */
  tile(level: number, tile: number): Promise<Result<Buffer | undefined, LedgerFailure>>;

  addCheckpoint(
    size: number,
    note: string,
    nowMs: number,
  ): Promise<Result<undefined, LedgerFailure>>;
  /** One line per name and size; the first one stays. */
  addCosignature(
    size: number,
    name: string,
    line: string,
  ): Promise<Result<undefined, LedgerFailure>>;
  /** Newest first. */
  checkpoints(query: {
    readonly belowSize?: number;
    readonly limit: number;
  }): Promise<Result<readonly StoredCheckpoint[], LedgerFailure>>;

  /**
   * Removes, of the hours that were over by then, all checkpoints but one each: that which most witnesses signed, of these
   * the last. Those of size up to `after` were looked at before.
   */
  thinCheckpoints(after: number, beforeMs: number): Promise<Result<Thinned, LedgerFailure>>;

  /** Oldest first. */
  days(): Promise<Result<readonly LedgerDay[], LedgerFailure>>;
  /** The tables that `search`, `days` and `typeCounts` read, for who compares them with the records. */
  readonly searched: SearchedTables;
  /** Writes these tables anew. */
  readonly mender: SearchedMender;
  /** Of whole hours (UTC), each that the time touches; without records of days that were dropped. By number. */
  typeCounts(span: TimeSpan): Promise<Result<readonly TypeCount[], LedgerFailure>>;
  /** Takes the records of a day away, unless a hold is on it (`conflict`); the tree keeps their hashes. */
  dropDay(day: string, nowMs: number): Promise<Result<undefined, LedgerFailure>>;
  /**
   * Notes a piece of what the records of a day that is over can be found by, so that searches need not look into days that
   * have nothing. True: there is more to do.
   */
  digestDays(): Promise<Result<boolean, LedgerFailure>>;
  holds(): Promise<Result<readonly LegalHold[], LedgerFailure>>;
  setHold(
    hold: Omit<LegalHold, 'liftedBy' | 'liftedAtMs'>,
  ): Promise<Result<undefined, LedgerFailure>>;
  /** Sets it where it is not, of these days at least, whatever became of it here. */
  putBackHold(
    hold: Omit<LegalHold, 'liftedBy' | 'liftedAtMs'>,
  ): Promise<Result<undefined, LedgerFailure>>;
  liftHold(
    name: string,
    liftedBy: string,
    nowMs: number,
  ): Promise<Result<undefined, LedgerFailure>>;

  /**
   * Changes of the state from this number on that are this node's to copy into the ledger now: nobody else
   * is given them for a minute. Undefined: somebody else is at it, or there is nothing.
   */
  claimChanges(
    last: number,
    node: string,
    nowMs: number,
  ): Promise<Result<{ readonly after: number } | undefined, LedgerFailure>>;
  /** Changes up to this one are in the ledger. */
  changesCopied(last: number): Promise<Result<undefined, LedgerFailure>>;
  /** Gives back the room that the growing edge of the tree has left behind; to be done every minute or so. */
  tidy(): Promise<Result<undefined, LedgerFailure>>;
}
