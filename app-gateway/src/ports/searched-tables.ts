import type { Result } from '@sallyport/shared/result.ts';
import type { LedgerDay, LedgerFailure } from './ledger-store.ts';

/** One row that a search finds a record by: what stands beside the record, null where there is nothing. */
export interface SearchedRow {
  readonly index: number;
  readonly day: string;
  readonly record: Buffer;
  readonly timeMs: number;
  readonly seq: number;
  readonly requestSeq: number | null;
  readonly type: number;
  readonly status: number | null;
  readonly partner: string | null;
  readonly callId: string | null;
  readonly fromUser: string | null;
  readonly toUser: string | null;
  readonly address: string | null;
  readonly verdict: string | null;
}

/** So many records of a type have their time in that hour, counted from 1970. */
export type HourCount = readonly [hour: number, type: number, records: number];

/** A row where none should be. */
export type StrayRow = Pick<SearchedRow, 'index' | 'day'>;

/** What is noted of a day. */
export interface NotedDay {
  readonly day: LedgerDay;
  /** Its rows whose index is not of this day; fifty at most. */
  readonly strayRows: readonly StrayRow[];
  /** Undefined: more than can be compared. */
  readonly counts: readonly HourCount[] | undefined;
}

/** How the tables stand, all of one moment. */
export interface SearchedStanding {
  readonly size: number;
  /** Oldest first. */
  readonly days: readonly LedgerDay[];
  /** The newest of them, which grows. */
  readonly last: NotedDay | undefined;
  /** Rows of no day that is there; fifty at most. */
  readonly strayRows: readonly StrayRow[];
  /** Days that have counts, and no records; fifty at most. */
  readonly strayCounts: readonly string[];
}

/** Rows of some places, and days as they stood at that moment: one may have been dropped meanwhile. */
export interface SearchedRows {
  /** By index, of the days that the places are of; there may be none. */
  readonly rows: readonly SearchedRow[];
  /** Those that the places are of; all that there are where a record here says that one has begun. */
  readonly days: readonly LedgerDay[];
  /** Indexes of rows that a search does not look for on their day, by what is noted of it. */
  readonly passedOver: ReadonlySet<number>;
  /** There are far more rows than places: the last ones are not here. */
  readonly isCut: boolean;
}

/** Port. What searches and statistics read as it stands in the tables, believed in nothing. */
export interface SearchedTables {
  standing(): Promise<Result<SearchedStanding, LedgerFailure>>;
  /** Places [from, to), at most 10,000 of them. */
  rows(from: number, to: number): Promise<Result<SearchedRows, LedgerFailure>>;
  /** Undefined: the day was dropped. */
  noted(day: string): Promise<Result<NotedDay | undefined, LedgerFailure>>;
}
