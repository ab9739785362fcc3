import { typeById } from '@sallyport/shared/audit/record-types.ts';
import { instantText } from '@sallyport/shared/io/time-text.ts';
import type { LedgerDay } from '../ports/ledger-store.ts';
import type { HourCount } from '../ports/searched-tables.ts';
import type { RecordColumns } from './record-columns.ts';
import type { FindingList } from './verify/finding.ts';

/** What a day is said to have. */
export type DayClaim = Pick<LedgerDay, 'day' | 'firstMs' | 'lastMs' | 'recordBytes'> & {
  /** Undefined: too many to be compared. */
  readonly counts?: readonly HourCount[] | undefined;
};

/** A day of honest hosts has a few hundred; one that writes any times it likes has as many as records. */
export const HOUR_COUNTS_MAX = 10_000;

const HOUR_MS = 3_600_000;

/** Counts the records of one day, to be compared with what is noted of it. */
export class DayTally {
  readonly day: string;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = 0;
  #recordBytes = 0;
  readonly #counts = new Map<string, [hour: number, type: number, records: number]>();
  #isTooMany = false;

  constructor(day: string) {
    this.day = day;
  }

  /** One that was put aside before. */
  static of({ day, firstMs, lastMs, recordBytes, counts }: DayClaim): DayTally {
    const tally = new DayTally(day);
    tally.#firstMs = firstMs;
    tally.#lastMs = lastMs;
    tally.#recordBytes = recordBytes;
    tally.#isTooMany = counts === undefined;
    for (const [hour, type, records] of counts ?? []) {
      tally.#counts.set(keyOf(hour, type), [hour, type, records]);
    }
    return tally;
  }

  add({ timeMs, type }: RecordColumns, bytes: number): void {
    this.#firstMs = Math.min(this.#firstMs, timeMs);
    this.#lastMs = Math.max(this.#lastMs, timeMs);
    this.#recordBytes += bytes;
    const hour = Math.floor(timeMs / HOUR_MS);
    const key = keyOf(hour, type);
    const known = this.#counts.get(key);
    if (known !== undefined) known[2]++;
    else if (this.#counts.size < HOUR_COUNTS_MAX) this.#counts.set(key, [hour, type, 1]);
    else this.#isTooMany = true;
  }

  /** Undefined: nothing was counted. */
  get claim(): DayClaim | undefined {
    if (this.#recordBytes === 0) return undefined;
    return {
      day: this.day,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      recordBytes: this.#recordBytes,
      counts: this.#isTooMany ? undefined : [...this.#counts.values()],
    };
  }

  compare(claim: DayClaim, findings: FindingList): void {
    const { day } = this;
    for (const [name, said, is] of [
      ['first_ms', claim.firstMs, this.#firstMs],
      ['last_ms', claim.lastMs, this.#lastMs],
      ['record_bytes', claim.recordBytes, this.#recordBytes],
    ] as const) {
      if (said !== is) findings.add('day-changed', { detail: `${day}, ${name}` });
    }
    if (this.#isTooMany || claim.counts === undefined) {
      findings.add('counts-not-compared', { detail: day });
      return;
    }
    const said = new Map(claim.counts.map((count) => [keyOf(count[0], count[1]), count]));
    for (const [key, [hour, type]] of new Map([...said, ...this.#counts])) {
      const [, , claimed] = said.get(key) ?? [hour, type, 0];
      const [, , counted] = this.#counts.get(key) ?? [hour, type, 0];
      if (claimed === counted) continue;
      const name = typeById(type)?.name ?? `type ${type}`;
      const detail = `${day}, hour of ${instantText(hour * HOUR_MS)}, ${name}: ${claimed} instead of ${counted}`;
      findings.add('counts-changed', { detail });
    }
  }
}

function keyOf(hour: number, type: number): string {
  return `${hour}/${type}`;
}
