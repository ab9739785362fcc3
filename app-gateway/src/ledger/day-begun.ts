import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import type { Appended, LedgerDay } from '../ports/ledger-store.ts';
import type { Note } from './own-stream.ts';

/** What a record says of the beginning of a day: a day is a name in the database, and on record once it has begun. */
export type BegunDay = NonNullable<Appended['begun']>;

/** Records from an index on came on that day: whoever owns the database can call them otherwise, but not unnoticed. */
export function noteBegun(note: Note, begun: BegunDay, author: string): Promise<boolean> {
  const { day, firstIndex, previousDay } = begun;
  return note('day-begun', {
    day,
    firstIndex: BigInt(firstIndex),
    ...(previousDay !== undefined && { previousDay }),
    author,
  });
}

/** Undefined: the record says nothing of the kind. */
export function begunDayOf({ type, fields }: AuditRecord): BegunDay | undefined {
  const { day, firstIndex, previousDay } = fields;
  if (type !== 'day-begun' || day === undefined || firstIndex === undefined) return undefined;
  return { day, firstIndex: Number(firstIndex), ...(previousDay !== undefined && { previousDay }) };
}

type NamedDay = Pick<LedgerDay, 'day' | 'firstIndex' | 'endIndex'>;

/** What first speaks against the name of a day, or against its bounds; undefined: nothing. */
export function saidAgainst(all: readonly BegunDay[], named: NamedDay): string | undefined {
  for (const begun of all) {
    const said = begunOtherwise(begun, named);
    if (said !== undefined) return said;
  }
  return undefined;
}

/** What one record says against it. Names of days never go back, so that none can be called older than one that began before it. */
export function begunOtherwise(
  { day, firstIndex: at, previousDay }: BegunDay,
  named: NamedDay,
): string | undefined {
  const { day: name, firstIndex, endIndex } = named;
  if (firstIndex === at && name !== day) return `${name}, which began as ${day}`;
  if (endIndex === at && name !== previousDay) {
    return `${name}, which ended as ${previousDay ?? 'none'}`;
  }
  if (firstIndex < at && at < endIndex) return `${name}, within which ${day} began at index ${at}`;
  if (at < firstIndex && name < day) return `${name}, before which ${day} began at index ${at}`;
  return undefined;
}
