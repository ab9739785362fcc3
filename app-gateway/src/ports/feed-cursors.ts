import type { Result } from '@sallyport/shared/result.ts';

/**
 * Port. How far each destination has come in the ledger: all that has to outlive a gateway that feeds it, and what
 * the next one needs.
 */
export interface FeedCursors {
  /** The next place to be sent; undefined: nothing ever was. */
  load(destination: string): Promise<Result<number | undefined, string>>;
  save(destination: string, next: number): Promise<Result<undefined, string>>;
}
