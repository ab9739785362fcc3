import { hash } from 'node:crypto';
import { type AuditRecord, decodeRecord } from '@sallyport/shared/audit/record.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import { begunDayOf } from '../day-begun.ts';
import { type AnnouncedDrop, DropsOnRecord } from '../drops-on-record.ts';
import { PlaceUnion } from '../place-union.ts';
import { DayCheck } from './day-check.ts';
import type { FindingList } from './finding.ts';
import { HoldCheck } from './hold-check.ts';
import type { LedgerKeys } from './pack-format.ts';

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

/** Each is held against each. More than any ledger has in the life of a site. */
const OF_DAYS_MAX = 50_000;

/** So long a host may go on after bundles were first written without it. */
const FORMER_MS = 30 * 86_400_000;

/** Whoever says something. */
interface Teller {
  readonly name: string;
  readonly source: { readonly node: string };
  /** Whether it sealed its record of that number. */
  isProven(seq: number): boolean;
}

/** A record of days at its place, and who says it. */
interface OfDays {
  readonly index: number;
  readonly record: AuditRecord;
  readonly digest: string;
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
  /** Those of them that are proxies, and who says so. */
  readonly #proxies = new Map<string, string>();
  readonly #ofDays: OfDays[] = [];
  #notHeard = 0;
  #lost = 0;
  /** Sealed by their hosts; the same as places, and with those that nobody sealed, and with those that were taken back. */
  #dropped: readonly AnnouncedDrop[] = [];
  #placesDropped = new PlaceUnion();
  #placesDroppedByAnybody = new PlaceUnion();
  #placesSpokenOf = new PlaceUnion();

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
    if (isOfDays) {
      const digest = hash('sha256', bytes.subarray(start, end), 'base64');
      this.#hearOfDays({ index, record: record.value, digest, teller });
    }
    const { peerNode, connection, lostRecords } = record.value.fields;
    if (peerNode !== undefined && !this.#nodes.has(peerNode)) {
      this.#nodes.set(peerNode, teller.name);
    }
    // Gateways say with which worker.
    const isProxy = peerNode !== undefined && connection !== undefined;
    if (isProxy && !this.#proxies.has(peerNode)) this.#proxies.set(peerNode, teller.name);
    this.#lost += lostRecords ?? 0;
  }

  #hearOfDays(said: OfDays): void {
    if (this.#ofDays.length < OF_DAYS_MAX) this.#ofDays.push(said);
    else this.#notHeard++;
  }

  /**
   * Once all was heard: by then every seal that there is has come.
   *
   * Which run of its host wrote a record, only the first one of that run says. So where that was dropped, whoever owns the database can say once
   * more in another one what the host has sealed: it counts where it stood first. And whoever has the key of a host that was taken out, with its
   * disk, can seal what he likes, and at any time that he likes; but not before what the ledger had by then.
   */
  settle(findings: FindingList, former: LedgerKeys['former'] = {}): void {
    const formerFrom = this.#formerFrom(former);
    const drops = new DropsOnRecord();
    const dropsByNobody = new DropsOnRecord();
    const tellers = new Map<string, Teller>();
    for (const { index, record, digest, teller } of this.#ofDays) {
      const first = tellers.get(digest) ?? teller;
      tellers.set(digest, first);
      const isFirst = first === teller;
      if (!isFirst) {
        const place = { index, source: teller.name, seq: record.seq };
        findings.add('record-twice', { ...place, detail: `${first.name} has the same` });
      }
      const isFormer = index >= (formerFrom.get(teller.source.node) ?? Infinity);
      if (isFormer) {
        const detail = `taken out on ${former[teller.source.node]}`;
        findings.add('host-former', { index, source: teller.name, seq: record.seq, detail });
      }
      const isProven = isFirst && !isFormer && teller.isProven(record.seq);
      if (isProven || record.type === 'hold-set') this.holds.hear(record);
      if (isProven || record.type === 'day-begun') this.days.hear(record, isProven);
      (isProven ? drops : dropsByNobody).hear(index, record);
    }
    this.#dropped = drops.standing;
    this.#placesDropped = placesOf(this.#dropped);
    const byAnybody = [...this.#dropped, ...dropsByNobody.standing];
    this.#placesDroppedByAnybody = placesOf(byAnybody);
    this.#placesSpokenOf = placesOf([...byAnybody, ...drops.takenBack]);
  }

  /** For each host that is no longer of the site, the place from which on it has nothing more to say of days. */
  #formerFrom(former: Readonly<Record<string, string>>): ReadonlyMap<string, number> {
    const begun = this.#ofDays.flatMap(({ record, teller }) => {
      const isSaid = !Object.hasOwn(former, teller.source.node) && teller.isProven(record.seq);
      return (isSaid && begunDayOf(record)) || [];
    });
    const from = new Map<string, number>();
    for (const [node, since] of Object.entries(former)) {
      const lastDay = dayText(Date.parse(since) + FORMER_MS);
      const later = begun.filter(({ day }) => day > lastDay).map(({ firstIndex }) => firstIndex);
      from.set(
        node,
        later.reduce((a, b) => Math.min(a, b), Infinity),
      );
    }
    return from;
  }

  /** Records of days that were beyond the limit. */
  get notHeard(): number {
    return this.#notHeard;
  }

  /** Days that went, as their hosts have sealed it. */
  get dropped(): readonly AnnouncedDrop[] {
    return this.#dropped;
  }

  get lost(): number {
    return this.#lost;
  }

  get nodes(): ReadonlyMap<string, string> {
    return this.#nodes;
  }

  /** Nodes that a gateway had a channel with, and which. */
  get proxies(): ReadonlyMap<string, string> {
    return this.#proxies;
  }

  /** Whether records say of every place in [from, until) that it was dropped. */
  areDropped(from: number, until: number): boolean {
    return this.#placesDropped.covers(from, until);
  }

  /** What is said of places that are missing, and excuses nothing; undefined: nothing. */
  saidInVain(from: number, until: number): string | undefined {
    if (this.#placesDroppedByAnybody.covers(from, until)) {
      return 'dropped, says a record without a seal';
    }
    const isTakenBack = this.#placesSpokenOf.covers(from, until);
    return isTakenBack ? 'kept, says a record, after it was announced that they go' : undefined;
  }
}

function placesOf(spans: readonly AnnouncedDrop[]): PlaceUnion {
  const places = new PlaceUnion();
  for (const { firstIndex, endIndex } of spans) places.add(firstIndex, endIndex);
  return places;
}
