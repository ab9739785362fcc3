import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import { type BegunDay, begunDayOf, saidAgainst } from '../day-begun.ts';
import type { AnnouncedDrop } from '../drops-on-record.ts';
import type { FindingList } from './finding.ts';

const DAY_MS = 86_400_000;

/**
 * Whether days that were dropped are those that began there: whoever owns the database can call a young day an old one,
 * and have it dropped.
 */
export class DayCheck {
  readonly #begun: (BegunDay & { readonly timeMs: number; readonly isProven: boolean })[] = [];

  /** What no seal covers speaks against a day, and for none. */
  hear(record: AuditRecord, isProven: boolean): void {
    const begun = begunDayOf(record);
    if (begun !== undefined) this.#begun.push({ ...begun, timeMs: record.timeMs, isProven });
  }

  /** What is on record of the days that begin in [from, until), the first or the last of them. */
  begunWithin(from: number, until: number, which: 'first' | 'last'): string | undefined {
    const within = this.#begun.filter(({ firstIndex }) => from <= firstIndex && firstIndex < until);
    const begun = within.at(which === 'first' ? 0 : -1);
    return begun && `${begun.day} began at index ${begun.firstIndex}`;
  }

  /** Days whose records are still here were only announced. */
  judge(
    all: readonly AnnouncedDrop[],
    missing: readonly { from: number; until: number }[],
    findings: FindingList,
  ): void {
    for (const { day, timeMs, firstIndex: index } of this.#begun) {
      // It is on record within a second or so; at midnight that is the next day.
      if (Math.abs(timeMs - (Date.parse(day) + DAY_MS / 2)) > 1.5 * DAY_MS) {
        const detail = `${day}, on record on ${dayText(timeMs)}`;
        findings.add('day-misnamed', { index, detail });
      }
    }
    const proven = this.#begun.filter(({ isProven }) => isProven);
    const told = new Set(proven.map(({ firstIndex }) => firstIndex));
    for (const dropped of all) {
      const { day, firstIndex: index, endIndex: untilIndex } = dropped;
      const hole = missing.find(({ from, until }) => from < untilIndex && index < until);
      if (hole === undefined) continue;
      const detail = saidAgainst(this.#begun, dropped);
      if (detail !== undefined) findings.add('day-misnamed', { index, untilIndex, detail });
      // What began behind it is here, and with it the record of that.
      const isLast = hole.until === untilIndex;
      if (isLast && !told.has(untilIndex)) {
        findings.add('day-not-on-record', { index, untilIndex, detail: day });
      }
    }
  }
}
