import { ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerReader } from '../ports/ledger-reader.ts';
import type { LedgerFailure, TimeSpan } from '../ports/ledger-store.ts';

/**
 * The indexes of records of a time: from the first such record to the last. A few between them may be of another time,
 * for records come in the order in which they arrive.
 */
export async function indexRange(
  reader: LedgerReader,
  { fromMs, untilMs, size }: TimeSpan & { readonly size: number },
): Promise<Result<{ from: number; to: number }, LedgerFailure>> {
  const times = {
    ...(fromMs !== undefined && { fromMs }),
    ...(untilMs !== undefined && { untilMs }),
    belowIndex: size,
    limit: 1,
  };
  if (fromMs === undefined && untilMs === undefined) return ok({ from: 0, to: size });
  const first = await reader.search({ ...times, order: 'oldest-first' });
  if (!first.ok) return first;
  const last = await reader.search({ ...times, order: 'newest-first' });
  if (!last.ok) return last;
  const from = fromMs === undefined ? 0 : (first.value[0]?.index ?? 0);
  const to = untilMs === undefined ? size : (last.value[0]?.index ?? -1) + 1;
  return ok(first.value.length === 0 ? { from: 0, to: 0 } : { from, to });
}
