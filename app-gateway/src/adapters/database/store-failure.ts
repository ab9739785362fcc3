import { errorCode } from '@sallyport/shared/error-code.ts';
import type { StoreFailure } from '../../ports/state-store.ts';

const TEXT_LENGTH_MAX = 300;

/** What the embedded database's file system throws is no Error and has a number of WASI alone. */
const WASI_CODES: Readonly<Record<number, string>> = {
  2: 'EACCES',
  19: 'EDQUOT',
  29: 'EIO',
  51: 'ENOSPC',
  63: 'EPERM',
  69: 'EROFS',
};
/** The last is PostgreSQL's own. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', '53100']);

/** The failure that an exception of the database or its driver becomes: nothing thrown crosses the port. */
export function unavailable(cause: unknown): StoreFailure {
  return { code: 'unavailable', reason: causeText(cause) };
}

/**
 * One line about a database's failure: its code and its message, never the details (they quote values) and
 * never the statement's parameters.
 */
export function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) {
    const code = wasiCode(cause);
    if (code === undefined) return 'unknown reason';
    return isFull(cause) ? `no space left on the disk (${code})` : code;
  }
  // A dial that tried several addresses has its reasons inside, and no message.
  const [first] = cause instanceof AggregateError ? (cause.errors as readonly unknown[]) : [cause];
  const error = first instanceof Error ? first : cause;
  const code = errorCode(error);
  const [line = ''] = error.message.split('\n');
  return `${line.slice(0, TEXT_LENGTH_MAX)}${code === undefined ? '' : ` (${code})`}`;
}

/** Whether it was for want of room: on a disk, or in a quota. */
export function isFull(cause: unknown): boolean {
  return FULL.has(errorCode(cause) ?? wasiCode(cause) ?? '');
}

function wasiCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('errno' in cause)) return undefined;
  return typeof cause.errno === 'number' ? WASI_CODES[cause.errno] : undefined;
}
