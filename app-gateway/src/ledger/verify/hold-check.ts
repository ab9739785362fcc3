import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import { AT_ONCE_MS, HoldsOnRecord } from '../holds-on-record.ts';
import type { FindingList } from './finding.ts';

/** Records [first, end) of a day, which were dropped. */
interface DroppedDay {
  readonly day: string;
  readonly timeMs: number;
  readonly first: number;
  readonly end: number;
}

/** Whether days were dropped that a legal hold was on, as the records themselves tell: whoever owns the database can take a hold out of it. */
export class HoldCheck {
  readonly #holds = new HoldsOnRecord();
  readonly #dropped: DroppedDay[] = [];

  /** Hears of holds and dropped days, in whatever order. */
  hear(record: AuditRecord): void {
    this.#holds.hear(record);
    const { timeMs, fields } = record;
    const { day, firstIndex, entries } = fields;
    if (day === undefined || firstIndex === undefined || entries === undefined) return;
    const [first, end] = [Number(firstIndex), Number(firstIndex + entries)];
    this.#dropped.push({ day, timeMs, first, end });
  }

  /** Names each such day whose records are not here: one that was only announced is still there. */
  judge(missing: readonly { from: number; until: number }[], findings: FindingList): void {
    const holds = this.#holds.all;
    for (const { day, timeMs, first, end } of this.#dropped) {
      if (!missing.some(({ from, until }) => from < end && first < until)) continue;
      // Two gateways may set a hold and drop a day at once: what lies so near says nothing.
      const hold = holds.find(
        ({ firstDay, lastDay, setMs, liftedMs }) =>
          firstDay <= day &&
          day <= lastDay &&
          setMs + AT_ONCE_MS < timeMs &&
          timeMs + AT_ONCE_MS < liftedMs,
      );
      if (hold === undefined) continue;
      const detail = `day ${day}, hold ${hold.name}`;
      findings.add('hold-broken', { index: first, untilIndex: end, detail });
    }
  }
}
