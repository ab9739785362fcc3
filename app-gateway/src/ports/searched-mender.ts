import type { Result } from '@sallyport/shared/result.ts';
import type { LedgerFailure } from './ledger-store.ts';
import type { SearchedRow } from './searched-tables.ts';

/** A row as its record says that it is to be. */
export interface MendedRow extends SearchedRow {
  /** The day in which it is found now. */
  readonly standsIn: string;
}

/** What became of a day’s bounds and counts. */
export type Recounted =
  | 'right'
  | 'changed'
  /** Records of it are missing. */
  | 'not-whole'
  /** There is more of it than one piece of a command can count: to be asked for again, which goes on. */
  | 'counting'
  /** It is the newest, which grows, or was dropped. */
  | 'left';

/** Port. Writes what searches and statistics read; records, and the order that they stand in, are not touched. */
export interface SearchedMender {
  /** Rows of these places, at most a thousand, in whatever days they are; not those of tables that are somebody else's. */
  elsewhere(indexes: readonly number[]): Promise<Result<readonly SearchedRow[], LedgerFailure>>;
  /** What is noted of days for searches goes, and is noted anew; until then they look into each of them. */
  forgetDigests(): Promise<Result<undefined, LedgerFailure>>;
  /** All of them, at most a thousand, or none; whoever appends waits meanwhile. */
  mend(rows: readonly MendedRow[]): Promise<Result<undefined, LedgerFailure>>;
  /** Earliest and latest time, octets and counts of a day, by its rows. */
  recount(day: string): Promise<Result<Recounted, LedgerFailure>>;
}
