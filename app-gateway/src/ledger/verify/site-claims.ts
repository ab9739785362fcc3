import { type AuditRecord, decodeRecord } from '@sallyport/shared/audit/record.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { DayCheck } from './day-check.ts';
import { HoldCheck } from './hold-check.ts';

/** Types that say something about what else must be here. */
const TOLD: ReadonlySet<number> = new Set([AUDIT_TYPE.gap, AUDIT_TYPE['channel-opened']]);
/** Types that say which records need not be here, or why they must. */
const TOLD_OF_DAYS: ReadonlySet<number> = new Set([
  AUDIT_TYPE['day-begun'],
  AUDIT_TYPE['day-dropped'],
  AUDIT_TYPE['hold-set'],
  AUDIT_TYPE['hold-lifted'],
]);

/** Places [first, end). */
interface Span {
  readonly first: number;
  readonly end: number;
}

/** Whoever says something. */
interface Teller {
  readonly name: string;
  /** Whether it sealed its record of that number. */
  isProven(seq: number): boolean;
}

/**
 * What records say of other records: nodes that were there, days that were dropped, what was lost.
 *
 * What excuses something counts where its node has sealed it: a record without a seal may be the database's owner's.
 */
export class SiteClaims {
  readonly holds = new HoldCheck();
  readonly days = new DayCheck();
  /** Nodes that somebody had a channel with, and who says so. */
  readonly #nodes = new Map<string, string>();
  readonly #dropped: Span[] = [];
  readonly #droppedByNobody: Span[] = [];
  readonly #ofDays: { readonly record: AuditRecord; readonly teller: Teller }[] = [];
  #lost = 0;

  /** Takes a record that is one. */
  hear(type: number, teller: Teller, bytes: Buffer, start: number, end: number): void {
    const isOfDays = TOLD_OF_DAYS.has(type);
    if (!isOfDays && !TOLD.has(type)) return;
    const record = decodeRecord(bytes, start, end);
    if (!record.ok) return;
    if (isOfDays) this.#ofDays.push({ record: record.value, teller });
    const { peerNode, lostRecords } = record.value.fields;
    if (peerNode !== undefined && !this.#nodes.has(peerNode)) {
      this.#nodes.set(peerNode, teller.name);
    }
    this.#lost += lostRecords ?? 0;
  }

  /** Once all was heard: by then every seal that there is has come. */
  settle(): void {
    for (const { record, teller } of this.#ofDays) {
      const isProven = teller.isProven(record.seq);
      if (isProven || record.type === 'hold-set') this.holds.hear(record);
      if (isProven || record.type === 'day-begun') this.days.hear(record, isProven);
      const { firstIndex, entries } = record.fields;
      if (firstIndex === undefined || entries === undefined) continue;
      const dropped = { first: Number(firstIndex), end: Number(firstIndex + entries) };
      (isProven ? this.#dropped : this.#droppedByNobody).push(dropped);
    }
  }

  get lost(): number {
    return this.#lost;
  }

  get nodes(): ReadonlyMap<string, string> {
    return this.#nodes;
  }

  /** Whether records say of every place in [from, until) that it was dropped. */
  areDropped(from: number, until: number): boolean {
    return areIn(this.#dropped, from, until);
  }

  /** Whether all that says so is without a seal. */
  areDroppedByNobody(from: number, until: number): boolean {
    return areIn([...this.#dropped, ...this.#droppedByNobody], from, until);
  }
}

function areIn(spans: readonly Span[], from: number, until: number): boolean {
  let at = from;
  for (const { first, end } of spans.toSorted((a, b) => a.first - b.first)) {
    if (first > at) break;
    at = Math.max(at, end);
  }
  return at >= until;
}
