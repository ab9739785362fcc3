import { errorCode } from '@sallyport/shared/error-code.ts';
import type { StoreFailure } from '../../ports/state-store.ts';

const TEXT_LENGTH_MAX = 300;

/** The failure that an exception of the database or its driver becomes: nothing thrown crosses the port. */
export function unavailable(cause: unknown): StoreFailure {
  return { code: 'unavailable', reason: causeText(cause) };
}

/**
 * One line about a database's failure: its code and its message, never the details (they quote values) and
 * never the statement's parameters.
 */
export function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown reason';
  // A dial that tried several addresses has its reasons inside, and no message.
  const [first] = cause instanceof AggregateError ? (cause.errors as readonly unknown[]) : [cause];
  const error = first instanceof Error ? first : cause;
  const code = errorCode(error);
  const [line = ''] = error.message.split('\n');
  return `${line.slice(0, TEXT_LENGTH_MAX)}${code === undefined ? '' : ` (${code})`}`;
}
