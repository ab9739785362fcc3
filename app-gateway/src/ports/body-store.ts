import type { Result } from '@sallyport/shared/result.ts';
import type { LedgerFailure } from './ledger-store.ts';

/** A body that nobody can read without an auditor's key and the day's. */
export interface SealedBody {
  /** SHA-256 of the octets: by this its record names it. */
  readonly hash: Buffer;
  readonly day: string;
  readonly octets: Buffer;
}

/** What became of the wish to erase a day's key. `held`: a legal hold is on the day; `none`: there is none, or none any more. */
export type KeyErasure = 'erased' | 'held' | 'none';

/**
 * Port. Sealed bodies and the keys of their days, beside the ledger that names them.
 *
 * Both go with the records of their day when that is dropped. A day's key is sealed with one that is in no database.
 */
export interface BodyStore {
  /** The day's sealed key; this one, where it has none yet. Undefined: it was erased. */
  takeDayKey(day: string, offered: string): Promise<Result<string | undefined, LedgerFailure>>;
  /** Undefined: it was erased, or there never was one. */
  dayKey(day: string): Promise<Result<string | undefined, LedgerFailure>>;
  /** Whether a key could be erased now. */
  erasable(day: string): Promise<Result<KeyErasure, LedgerFailure>>;
  /** Takes a day's key away for good: no body of that day can be read any more. */
  eraseDayKey(day: string, nowMs: number): Promise<Result<KeyErasure, LedgerFailure>>;
  /** All or nothing; what is there already stays. */
  addBodies(bodies: readonly SealedBody[]): Promise<Result<undefined, LedgerFailure>>;
  body(hash: Uint8Array): Promise<Result<Buffer | undefined, LedgerFailure>>;
}
