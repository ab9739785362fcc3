import type { EntryView } from './render/entry-view.ts';
import { visibleField } from './render/field-text.ts';
import { visibleText } from './render/visible-text.ts';

/** A certificate that a partner showed. */
export interface SeenCertificate {
  readonly fingerprint: string;
  readonly names: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly connections: number;
}

/** What one partner did in one month; every text in it is a visible text. Reports of parts of a month add up. */
export interface PartnerReport {
  readonly partner: string;
  /** `2026-11` */
  readonly month: string;
  readonly records: number;
  /** By SIP method. */
  readonly received: Counts;
  readonly sent: Counts;
  /** By SIP status. */
  readonly answers: Counts;
  /** By code. */
  readonly refusals: Counts;
  readonly connections: Counts;
  readonly certificates: readonly SeenCertificate[];
  /** Messages in each hour of the month, UTC. */
  readonly hours: readonly number[];
  /** Changes of the partner: time, author, command. */
  readonly changes: readonly (readonly [timeMs: number, author: string, command: string])[];
  readonly omitted: Omitted;
}

/** What the lists of a report had no room for. */
export interface Omitted {
  /** Connections with certificates that are not listed. */
  readonly connections: number;
  readonly changes: number;
}

export type Counts = Readonly<Record<string, number>>;

const HOUR_MS = 3_600_000;
const KEYS_MAX = 100;
const OTHERS = '(others)';
const LIST_MAX = 100;

/** Start and end of a month, UTC. */
export function monthBounds(month: string): { readonly fromMs: number; readonly untilMs: number } {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return { fromMs: Date.UTC(year, number - 1), untilMs: Date.UTC(year, number) };
}

export function emptyReport(partner: string, month: string): PartnerReport {
  const { fromMs, untilMs } = monthBounds(month);
  return {
    partner: visibleText(partner),
    month,
    records: 0,
    received: {},
    sent: {},
    answers: {},
    refusals: {},
    connections: {},
    certificates: [],
    hours: new Array<number>((untilMs - fromMs) / HOUR_MS).fill(0),
    changes: [],
    omitted: { connections: 0, changes: 0 },
  };
}

/** The report with these records, and the answers that refer to them. */
export function withRecords(
  report: PartnerReport,
  views: readonly EntryView[],
  answers: readonly EntryView[],
): PartnerReport {
  const counts = new ReportCounts(report);
  for (const view of views) counts.take(view);
  for (const answer of answers) counts.answer(answer);
  return counts.taken();
}

/** Two reports of one month as one. */
export function joinedReports(one: PartnerReport, other: PartnerReport): PartnerReport {
  const certificates = new Map(one.certificates.map((seen) => [seen.fingerprint, seen]));
  for (const seen of other.certificates) {
    const known = certificates.get(seen.fingerprint);
    certificates.set(seen.fingerprint, known === undefined ? seen : joinedCertificate(known, seen));
  }
  const seen = [...certificates.values()];
  const changes = [...one.changes, ...other.changes];
  return {
    ...one,
    records: one.records + other.records,
    received: added(one.received, other.received),
    sent: added(one.sent, other.sent),
    answers: added(one.answers, other.answers),
    refusals: added(one.refusals, other.refusals),
    connections: added(one.connections, other.connections),
    certificates: seen.slice(0, LIST_MAX),
    hours: one.hours.map((count, hour) => count + (other.hours[hour] ?? 0)),
    changes: changes.slice(0, LIST_MAX),
    omitted: {
      connections: seen
        .slice(LIST_MAX)
        .reduce((sum, { connections }) => sum + connections, omittedOf('connections', one, other)),
      changes: omittedOf('changes', one, other) + Math.max(0, changes.length - LIST_MAX),
    },
  };
}

function omittedOf(what: keyof Omitted, one: PartnerReport, other: PartnerReport): number {
  return one.omitted[what] + other.omitted[what];
}

class ReportCounts {
  readonly #report: PartnerReport;
  readonly #fromMs: number;
  readonly #hours: number[];
  #records: number;
  #received: Counts;
  #sent: Counts;
  #answers: Counts;
  #refusals: Counts;
  #connections: Counts;
  #changes: PartnerReport['changes'];
  #omitted: Omitted;
  readonly #certificates: Map<string, SeenCertificate>;

  constructor(report: PartnerReport) {
    this.#report = report;
    this.#fromMs = monthBounds(report.month).fromMs;
    this.#hours = [...report.hours];
    this.#records = report.records;
    this.#received = report.received;
    this.#sent = report.sent;
    this.#answers = report.answers;
    this.#refusals = report.refusals;
    this.#connections = report.connections;
    this.#changes = report.changes;
    this.#omitted = report.omitted;
    this.#certificates = new Map(report.certificates.map((seen) => [seen.fingerprint, seen]));
  }

  take(view: EntryView): void {
    this.#records++;
    switch (view.type) {
      case 'message-admitted':
        this.#received = counted(this.#received, visibleField(view, 'method') ?? 'responses');
        this.#message(view);
        break;
      case 'message-refused':
        this.#refusals = counted(this.#refusals, visibleField(view, 'code') ?? '');
        this.#message(view);
        break;
      case 'policy-decision':
        // The message itself was let in at the edge, and is counted there.
        if (visibleField(view, 'verdict') === 'refused') {
          this.#refusals = counted(this.#refusals, visibleField(view, 'rule') ?? '');
        }
        break;
      case 'message-sent':
        // An answer, where the connection of its request had ended.
        if (view.fields['status'] !== undefined) this.answer(view);
        else {
          this.#sent = counted(this.#sent, visibleField(view, 'method') ?? '');
          this.#message(view);
        }
        break;
      case 'response-received':
        this.answer(view);
        break;
      case 'connection-opened':
        this.#connections = counted(this.#connections, 'opened');
        this.#certificate(view);
        break;
      case 'connection-refused':
        this.#connections = counted(
          this.#connections,
          `refused: ${visibleField(view, 'code') ?? ''}`,
        );
        this.#certificate(view);
        break;
      case 'partner-changed':
        this.#change(view);
        break;
      default:
        break;
    }
  }

  answer(view: EntryView): void {
    const status = visibleField(view, 'status');
    if (status !== undefined) this.#answers = counted(this.#answers, status);
  }

  taken(): PartnerReport {
    return {
      ...this.#report,
      records: this.#records,
      received: this.#received,
      sent: this.#sent,
      answers: this.#answers,
      refusals: this.#refusals,
      connections: this.#connections,
      certificates: [...this.#certificates.values()],
      hours: this.#hours,
      changes: this.#changes,
      omitted: this.#omitted,
    };
  }

  #message({ timeMs }: EntryView): void {
    const hour = Math.floor((timeMs - this.#fromMs) / HOUR_MS);
    const count = this.#hours[hour];
    if (count !== undefined) this.#hours[hour] = count + 1;
  }

  #certificate(view: EntryView): void {
    const fingerprint = visibleField(view, 'certificate');
    if (fingerprint === undefined) return;
    const { timeMs } = view;
    const names = visibleField(view, 'names') ?? '';
    const seen = { fingerprint, names, firstMs: timeMs, lastMs: timeMs, connections: 1 };
    const known = this.#certificates.get(fingerprint);
    if (known !== undefined) this.#certificates.set(fingerprint, joinedCertificate(known, seen));
    else if (this.#certificates.size < LIST_MAX) this.#certificates.set(fingerprint, seen);
    else this.#omit('connections');
  }

  #omit(what: keyof Omitted): void {
    this.#omitted = { ...this.#omitted, [what]: this.#omitted[what] + 1 };
  }

  #change(view: EntryView): void {
    if (this.#changes.length >= LIST_MAX) {
      this.#omit('changes');
      return;
    }
    const author = visibleField(view, 'author') ?? '';
    this.#changes = [...this.#changes, [view.timeMs, author, visibleField(view, 'command') ?? '']];
  }
}

function joinedCertificate(one: SeenCertificate, other: SeenCertificate): SeenCertificate {
  return {
    ...one,
    firstMs: Math.min(one.firstMs, other.firstMs),
    lastMs: Math.max(one.lastMs, other.lastMs),
    connections: one.connections + other.connections,
  };
}

/** Peers choose methods and names: beyond a hundred kinds they are counted together. */
function counted(counts: Counts, key: string, count = 1): Counts {
  const isKnown = Object.hasOwn(counts, key);
  const name = isKnown || Object.keys(counts).length < KEYS_MAX ? key : OTHERS;
  return { ...counts, [name]: (Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0) + count };
}

function added(one: Counts, other: Counts): Counts {
  return Object.entries(other).reduce((sum, [key, count]) => counted(sum, key, count), one);
}
