import type { Result } from '@sallyport/shared/result.ts';

/** Port. How far each destination has come in the ledger, and which gateway feeds it. */
export interface FeedCursors {
  /**
   * Takes a destination for a node, or keeps it, for a minute and a half, and gives the next place to be sent;
   * undefined: another node has it.
   */
  claim(destination: string, node: string): Promise<Result<{ next: number } | undefined, string>>;
  /** Keeps the next place; false: another node has the destination by now, and nothing was kept. */
  save(destination: string, node: string, next: number): Promise<Result<boolean, string>>;
  /** Leaves it to others at once. */
  release(destination: string, node: string): Promise<Result<undefined, string>>;
}
