import { type AuditRecord, decodeRecord } from '@sallyport/shared/audit/record.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { type AnnouncedDrop, DropsOnRecord } from '../drops-on-record.ts';
import { DayCheck } from './day-check.ts';
import { HoldCheck } from './hold-check.ts';

/** Types that say something about what else must be here. */
const TOLD: ReadonlySet<number> = new Set([AUDIT_TYPE.gap, AUDIT_TYPE['channel-opened']]);
/** Types that say which records need not be here, or why they must. */
const TOLD_OF_DAYS: ReadonlySet<number> = new Set([
  AUDIT_TYPE['day-begun'],
  AUDIT_TYPE['day-dropped'],
  AUDIT_TYPE['day-kept'],
  AUDIT_TYPE['hold-set'],
  AUDIT_TYPE['hold-lifted'],
]);

/** Whoever says something. */
interface Teller {
  readonly name: string;
  /** Whether it sealed its record of that number. */
  isProven(seq: number): boolean;
}

/** A record of days at its place, and who says it. */
interface OfDays {
  readonly index: number;
  readonly record: AuditRecord;
  readonly teller: Teller;
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
  /** Sealed by their hosts; by nobody. */
  readonly #drops = new DropsOnRecord();
  readonly #dropsByNobody = new DropsOnRecord();
  readonly #ofDays: OfDays[] = [];
  #lost = 0;

  /** Takes a record that is one. */
  hear(
    type: number,
    teller: Teller,
    index: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const isOfDays = TOLD_OF_DAYS.has(type);
    if (!isOfDays && !TOLD.has(type)) return;
    const record = decodeRecord(bytes, start, end);
    if (!record.ok) return;
    if (isOfDays) this.#ofDays.push({ index, record: record.value, teller });
    const { peerNode, lostRecords } = record.value.fields;
    if (peerNode !== undefined && !this.#nodes.has(peerNode)) {
      this.#nodes.set(peerNode, teller.name);
    }
    this.#lost += lostRecords ?? 0;
  }

  /** Once all was heard: by then every seal that there is has come. */
  settle(): void {
    for (const { index, record, teller } of this.#ofDays) {
      const isProven = teller.isProven(record.seq);
      if (isProven || record.type === 'hold-set') this.holds.hear(record);
      if (isProven || record.type === 'day-begun') this.days.hear(record, isProven);
      (isProven ? this.#drops : this.#dropsByNobody).hear(index, record);
    }
  }

  /** Days that went, as their hosts have sealed it. */
  get dropped(): readonly AnnouncedDrop[] {
    return this.#drops.standing;
  }

  get lost(): number {
    return this.#lost;
  }

  get nodes(): ReadonlyMap<string, string> {
    return this.#nodes;
  }

  /** Whether records say of every place in [from, until) that it was dropped. */
  areDropped(from: number, until: number): boolean {
    return areIn(this.#drops.standing, from, until);
  }

  /** What is said of places that are missing, and excuses nothing; undefined: nothing. */
  saidInVain(from: number, until: number): string | undefined {
    const { standing, takenBack } = this.#drops;
    const byNobody = [...standing, ...this.#dropsByNobody.standing];
    if (areIn(byNobody, from, until)) return 'dropped, says a record without a seal';
    const isTakenBack = areIn([...byNobody, ...takenBack], from, until);
    return isTakenBack ? 'kept, says a record, after it was announced that they go' : undefined;
  }
}

function areIn(spans: readonly AnnouncedDrop[], from: number, until: number): boolean {
  let at = from;
  for (const { firstIndex, endIndex } of spans.toSorted((a, b) => a.firstIndex - b.firstIndex)) {
    if (firstIndex > at) break;
    at = Math.max(at, endIndex);
  }
  return at >= until;
}
