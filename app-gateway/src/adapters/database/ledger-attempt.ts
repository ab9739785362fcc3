import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerFailure } from '../../ports/ledger-store.ts';
import { causeText } from './store-failure.ts';

/** Leaves a transaction without a trace. */
export class NotDone extends Error {
  readonly failure: LedgerFailure;
  constructor(failure: LedgerFailure) {
    super(failure.code);
    this.failure = failure;
  }
}

/** What the database did, or why it did nothing. */
export async function attempt<T>(work: () => Promise<T>): Promise<Result<T, LedgerFailure>> {
  try {
    return ok(await work());
  } catch (cause) {
    return err(
      cause instanceof NotDone ? cause.failure : { code: 'unavailable', reason: causeText(cause) },
    );
  }
}
