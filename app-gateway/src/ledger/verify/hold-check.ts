import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import type { AnnouncedDrop } from '../drops-on-record.ts';
import { AT_ONCE_MS, HoldsOnRecord } from '../holds-on-record.ts';
import type { FindingList } from './finding.ts';

/** Whether days were dropped that a legal hold was on, as the records themselves tell: whoever owns the database can take a hold out of it. */
export class HoldCheck {
  readonly #holds = new HoldsOnRecord();

  /** Takes records of holds, in whatever order. */
  hear(record: AuditRecord): void {
    this.#holds.hear(record);
  }

  /** Names each dropped day that is under a hold and whose records are not here: one that was only announced is still there. */
  judge(
    dropped: readonly AnnouncedDrop[],
    missing: readonly { from: number; until: number }[],
    findings: FindingList,
  ): void {
    const holds = this.#holds.all;
    for (const { day, droppedMs, firstIndex: index, endIndex: untilIndex } of dropped) {
      if (!missing.some(({ from, until }) => from < untilIndex && index < until)) continue;
      // Two gateways may set a hold and drop a day at once: what lies so near says nothing.
      const hold = holds.find(
        ({ firstDay, lastDay, setMs, liftedMs }) =>
          firstDay <= day &&
          day <= lastDay &&
          setMs + AT_ONCE_MS < droppedMs &&
          droppedMs + AT_ONCE_MS < liftedMs,
      );
      if (hold === undefined) continue;
      const detail = `day ${day}, hold ${hold.name}`;
      findings.add('hold-broken', { index, untilIndex, detail });
    }
  }
}
