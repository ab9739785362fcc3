import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import type { FindingList } from './finding.ts';

interface Hold {
  readonly name: string;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly setMs: number;
  liftedMs: number;
}

/** Records [first, end) of a day, which were dropped. */
interface DroppedDay {
  readonly day: string;
  readonly timeMs: number;
  readonly first: number;
  readonly end: number;
}

/** Two gateways may set a hold and drop a day at once: what lies so near says nothing. */
const AT_ONCE_MS = 60_000;

/** Whether days were dropped that a legal hold was on, as the records themselves tell: whoever owns the database can take a hold out of it. */
export class HoldCheck {
  readonly #holds: Hold[] = [];
  readonly #dropped: DroppedDay[] = [];

  /** Hears of holds and dropped days, in the order of the ledger. */
  hear({ type, timeMs, fields }: AuditRecord): void {
    const { hold: name, firstDay = '', lastDay = '\uffff', day, firstIndex, entries } = fields;
    if (type === 'hold-set' && name !== undefined) {
      this.#holds.push({ name, firstDay, lastDay, setMs: timeMs, liftedMs: Infinity });
    } else if (type === 'hold-lifted') {
      const hold = this.#holds.findLast((other) => other.name === name);
      if (hold !== undefined) hold.liftedMs = timeMs;
    } else if (day !== undefined && firstIndex !== undefined && entries !== undefined) {
      const [first, end] = [Number(firstIndex), Number(firstIndex + entries)];
      this.#dropped.push({ day, timeMs, first, end });
    }
  }

  /** Names each such day whose records are not here: one that was only announced is still there. */
  judge(missing: readonly { from: number; until: number }[], findings: FindingList): void {
    for (const { day, timeMs, first, end } of this.#dropped) {
      if (!missing.some(({ from, until }) => from < end && first < until)) continue;
      const hold = this.#holds.find(
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
