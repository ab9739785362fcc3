import { decodeRecord } from '@sallyport/shared/audit/record.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { DayCheck } from './day-check.ts';
import { HoldCheck } from './hold-check.ts';

/** Types that say something about what else must be here. */
const TOLD: ReadonlySet<number> = new Set([
  AUDIT_TYPE.gap,
  AUDIT_TYPE['channel-opened'],
  AUDIT_TYPE['day-begun'],
  AUDIT_TYPE['day-dropped'],
  AUDIT_TYPE['hold-set'],
  AUDIT_TYPE['hold-lifted'],
]);

/** What records say of other records: nodes that were there, days that were dropped, what was lost. */
export class SiteClaims {
  readonly holds = new HoldCheck();
  readonly days = new DayCheck();
  /** Nodes that somebody had a channel with, and who says so. */
  readonly #nodes = new Map<string, string>();
  readonly #dropped: { readonly first: number; readonly end: number }[] = [];
  #lost = 0;

  /** Takes a record that is one. */
  hear(
    type: number,
    { name }: { readonly name: string },
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    if (!TOLD.has(type)) return;
    const record = decodeRecord(bytes, start, end);
    if (!record.ok) return;
    this.holds.hear(record.value);
    this.days.hear(record.value);
    const { peerNode, firstIndex, entries, lostRecords } = record.value.fields;
    if (peerNode !== undefined && !this.#nodes.has(peerNode)) this.#nodes.set(peerNode, name);
    if (firstIndex !== undefined && entries !== undefined) {
      this.#dropped.push({ first: Number(firstIndex), end: Number(firstIndex + entries) });
    }
    this.#lost += lostRecords ?? 0;
  }

  get lost(): number {
    return this.#lost;
  }

  get nodes(): ReadonlyMap<string, string> {
    return this.#nodes;
  }

  /** Whether records say of every place in [from, until) that it was dropped. */
  areDropped(from: number, until: number): boolean {
    let at = from;
    for (const { first, end } of this.#dropped.toSorted((a, b) => a.first - b.first)) {
      if (first > at) break;
      at = Math.max(at, end);
    }
    return at >= until;
  }
}
