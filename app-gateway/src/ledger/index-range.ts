import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerReader } from '../ports/ledger-reader.ts';
import type { LedgerDay, LedgerFailure, TimeSpan } from '../ports/ledger-store.ts';

/** Places [from, to); none where both are 0. */
export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

type Span = TimeSpan & { readonly size: number };

const NONE: IndexRange = { from: 0, to: 0 };
/** So soon behind a day's first record is the one that says that it has begun. */
const FIRST_RECORDS = 20_000;
const PLACES_AT_ONCE = 10_000;

/**
 * The indexes of records of a time: from the first such record to the last. A few between them may be of another time,
 * for records come in the order in which they arrive.
 */
export async function indexRange(
  reader: LedgerReader,
  { fromMs, untilMs, size }: Span,
): Promise<Result<IndexRange, LedgerFailure>> {
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
  return ok(first.value.length === 0 ? NONE : { from, to });
}

/**
 * The same, and all that came on the days of that time, up to the record that says that the next one has begun: what
 * searches read cannot keep any of it out of a proof.
 */
export async function indexRangeOfDays(
  reader: LedgerReader,
  span: Span,
): Promise<Result<IndexRange, LedgerFailure>> {
  const { fromMs, untilMs, size } = span;
  const found = await indexRange(reader, span);
  if (!found.ok || (fromMs === undefined && untilMs === undefined)) return found;
  const all = await reader.days();
  if (!all.ok) return all;
  const days = all.value.filter(
    ({ day, firstIndex }) =>
      firstIndex < size &&
      (fromMs === undefined || day >= dayText(fromMs)) &&
      (untilMs === undefined || day <= dayText(untilMs - 1)),
  );
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return found;
  const { from, to } = found.value.to === 0 ? { from: size, to: 0 } : found.value;
  const end = await endWithNext(reader, Math.max(to, Math.min(last.endIndex, size)), size);
  if (!end.ok) return end;
  const whole = { from: Math.min(from, first.firstIndex), to: end.value };
  if (whole.to === size) return ok(whole);
  const start = behindDropped(whole.from, all.value);
  return ok(start < whole.to ? { ...whole, from: start } : NONE);
}

/**
 * The place itself, or where the first day behind it begins that is there: what says that a day was dropped stands further on than a part
 * goes, and without it nobody knows of what is missing that it was.
 */
function behindDropped(place: number, days: readonly LedgerDay[]): number {
  let at = place;
  for (const { firstIndex, endIndex, droppedAtMs } of days) {
    if (droppedAtMs !== undefined && firstIndex <= at && at < endIndex) at = endIndex;
  }
  return at;
}

/** One behind the record that says which day began here; the place itself where there is none. */
async function endWithNext(
  reader: LedgerReader,
  end: number,
  size: number,
): Promise<Result<number, LedgerFailure>> {
  const until = Math.min(size, end + FIRST_RECORDS);
  for (let at = end; at < until; at += PLACES_AT_ONCE) {
    const to = Math.min(until, at + PLACES_AT_ONCE);
    const begun = await reader.told([AUDIT_TYPE['day-begun']], at, to);
    if (!begun.ok) return begun;
    const [first] = begun.value;
    if (first !== undefined) return ok(first.index + 1);
  }
  return ok(end);
}
