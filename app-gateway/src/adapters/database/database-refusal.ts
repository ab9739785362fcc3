/** Why a database was not opened; the state was not touched. */
export interface DatabaseRefusal {
  readonly code:
    | 'database-newer'
    | 'database-not-migrated'
    | 'database-in-use'
    | 'database-not-opened';
  readonly message: string;
  /** What to do about it. */
  readonly next: string;
}
