import { decodeRecord } from '@sallyport/shared/audit/record.ts';
import { isBeyondThisVersion, recordFault } from '@sallyport/shared/audit/record-check.ts';
import { recordSeqAt, recordTimeAt, recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import type { LedgerDay } from '../ports/ledger-store.ts';
import type { SearchedRow, SearchedRows } from '../ports/searched-tables.ts';
import { begunDayOf, begunOtherwise } from './day-begun.ts';
import { type DayClaim, DayTally } from './day-tally.ts';
import { columnsOf, type RecordColumns } from './record-columns.ts';
import type { FindingList } from './verify/finding.ts';

/** Which places are walked over, and what was counted of their day before. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** The ledger ends here, though there may be more by now. */
  readonly size: number;
  readonly counted?: DayClaim | undefined;
}

/** What became of it. */
export interface Walked {
  /** Next index. */
  readonly at: number;
  /** Records whose rows were compared. */
  readonly compared: number;
  /** Days of which now all records are counted. */
  readonly finished: readonly DayTally[];
  /** What was counted of a day that goes on. */
  readonly counted: DayClaim | undefined;
}

const DAY_BEGUN = AUDIT_TYPE['day-begun'];

/** As the table has them, and where a record says the same. */
const COLUMNS = [
  ['time_ms', 'timeMs'],
  ['request_seq', 'requestSeq'],
  ['type', 'type'],
  ['status', 'status'],
  ['partner', 'partner'],
  ['call_id', 'callId'],
  ['from_user', 'fromUser'],
  ['to_user', 'toUser'],
  ['address', 'address'],
  ['verdict', 'verdict'],
] as const satisfies readonly (readonly [string, keyof RecordColumns & keyof SearchedRow])[];

/**
 * Goes from place to place: each has one row, in the day that the place belongs to, and what it is searched by is what its
 * record says.
 */
export function walkRows(stretch: Stretch, found: SearchedRows, findings: FindingList): Walked {
  const walk = new RowWalk(stretch, found, findings);
  const { from, to } = stretch;
  const until = found.isCut ? Math.max(from + 1, found.rows.at(-1)?.index ?? to) : to;
  let at = from;
  while (at < until) at = walk.step(at);
  return { at, ...walk.outcome };
}

class RowWalk {
  readonly #size: number;
  readonly #days: readonly LedgerDay[];
  readonly #rows: ReadonlyMap<number, readonly SearchedRow[]>;
  readonly #passedOver: ReadonlySet<number>;
  readonly #findings: FindingList;
  readonly #finished: DayTally[] = [];
  #compared = 0;
  #day: LedgerDay | undefined;
  #tally: DayTally | undefined;

  constructor(
    { size, counted }: Stretch,
    { rows, days, passedOver }: SearchedRows,
    findings: FindingList,
  ) {
    this.#size = size;
    this.#days = days;
    this.#passedOver = passedOver;
    this.#rows = Map.groupBy(rows, ({ index }) => index);
    this.#findings = findings;
    this.#tally = counted && DayTally.of(counted);
  }

  /** Looks at one place, or over all of a day that was dropped; says which place is the next. */
  step(at: number): number {
    if (this.#day === undefined || at >= this.#day.endIndex) {
      this.#day = this.#days.find(({ firstIndex, endIndex }) => firstIndex <= at && at < endIndex);
    }
    const day = this.#day;
    const end = Math.min(day?.endIndex ?? at + 1, this.#size);
    if (day?.droppedAtMs !== undefined) return end;
    // What the day of no place holds is told of the days.
    if (day === undefined) return end;
    const row = rowAt(at, day, this.#rows.get(at) ?? [], this.#findings);
    const columns = row && this.#columnsOf(row);
    if (row !== undefined && this.#passedOver.has(at)) {
      this.#findings.add('digest-changed', { index: at, detail: day.day });
    }
    if (row !== undefined && columns?.type === DAY_BEGUN) this.#compareNames(row);
    this.#count(day, columns, row?.record.length ?? 0);
    if (at + 1 === end) this.#finish();
    return at + 1;
  }

  get outcome(): Omit<Walked, 'at'> {
    return {
      compared: this.#compared,
      finished: this.#finished,
      counted: this.#tally?.claim,
    };
  }

  /** What the record says, once its row was compared with it; undefined: it is no record. */
  #columnsOf(row: SearchedRow): RecordColumns | undefined {
    const { index, record } = row;
    const fault = recordFault(record, 0, record.length);
    if (fault === undefined) {
      this.#compared++;
      const columns = columnsOf(record);
      const changed = changedColumns(row, columns);
      if (changed.length > 0) {
        this.#findings.add('columns-changed', { index, detail: changed.join(', ') });
      }
      return columns;
    }
    if (isBeyondThisVersion(record, 0, record.length)) {
      this.#findings.add('record-unknown', { index, detail: fault });
      return { type: recordTypeAt(record, 0), timeMs: recordTimeAt(record, 0) };
    }
    this.#findings.add('columns-changed', { index, detail: 'record' });
    return undefined;
  }

  #count({ day }: LedgerDay, columns: RecordColumns | undefined, bytes: number): void {
    if (this.#tally?.day !== day) this.#tally = new DayTally(day);
    if (columns !== undefined) this.#tally.add(columns, bytes);
  }

  /** Days, the dropped ones too, are to be called as they were when one began. */
  #compareNames({ index, record }: SearchedRow): void {
    const decoded = decodeRecord(record, 0, record.length);
    const begun = decoded.ok ? begunDayOf(decoded.value) : undefined;
    if (begun === undefined) return;
    for (const day of this.#days) {
      const detail = begunOtherwise(begun, day);
      if (detail !== undefined) this.#findings.add('day-misnamed', { index, detail });
    }
  }

  #finish(): void {
    if (this.#tally !== undefined) this.#finished.push(this.#tally);
    this.#tally = undefined;
  }
}

/** The row of a place in its day; what stands there in another day is astray in that one. */
function rowAt(
  index: number,
  { day }: LedgerDay,
  rows: readonly SearchedRow[],
  findings: FindingList,
): SearchedRow | undefined {
  const [own, ...others] = rows.filter((row) => row.day === day);
  if (own === undefined) findings.add('row-missing', { index });
  for (const _ of others) findings.add('row-astray', { index, detail: day });
  return own;
}

/** Columns of a row that are not what its record says. */
export function changedColumns(row: SearchedRow, columns: RecordColumns): readonly string[] {
  const changed: string[] = COLUMNS.filter(
    ([, key]) => (row[key] ?? undefined) !== columns[key],
  ).map(([name]) => name);
  if (row.seq !== recordSeqAt(row.record, 0)) changed.unshift('seq');
  return changed;
}
