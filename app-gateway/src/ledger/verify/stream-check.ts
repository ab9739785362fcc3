import type { KeyObject } from 'node:crypto';
import type { EarlierRun, NamedSeal } from '@sallyport/shared/audit/earlier-run.ts';
import { decodeRecord } from '@sallyport/shared/audit/record.ts';
import { recordSeqAt, recordTimeAt, recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { verifySeal } from '@sallyport/shared/audit/seal.ts';
import { type AuditSource, formatSource } from '@sallyport/shared/audit/source.ts';
import type { Places } from '../place-union.ts';
import { isOfProxies, isOfProxiesAlone } from '../proxy-types.ts';
import type { FindingCode, FindingList } from './finding.ts';
import { type SealSink, StreamRun } from './stream-run.ts';

/** More pieces than this are a hole each; what lies in the rest excuses nothing. */
const PROVEN_MAX = 10_000;
/** More pieces at once no proxy leaves that goes from one gateway to another and back. */
const RUNS_MAX = 20_000;

/**
 * The records of one source, in whatever order they stand: whether its numbers are whole, and its seals are its own
 * and cover exactly these records.
 */
export class StreamCheck implements SealSink {
  readonly source: AuditSource;
  readonly name: string;
  readonly #findings: FindingList;
  readonly #key: KeyObject | undefined;
  /** By their first number; one, unless records are missing or came late. */
  readonly #runs: StreamRun[] = [];
  #current: StreamRun | undefined;
  #index = 0;
  #records = 0;
  #firstTimeMs = Number.POSITIVE_INFINITY;
  #lastTimeMs = 0;
  #firstIndex: number | undefined;
  #predecessor: EarlierRun | undefined;
  #isKeyReported = false;
  #isOfProxy = false;
  #gatewayIndex: number | undefined;
  /** Numbers [first, end) that are under seals of the node's, ascending but for what came late. */
  readonly #proven: { readonly first: number; end: number }[] = [];

  constructor(source: AuditSource, key: KeyObject | undefined, findings: FindingList) {
    this.source = source;
    this.name = formatSource(source);
    this.#key = key;
    this.#findings = findings;
  }

  /** Takes a record that is one; `index` is where it stands. */
  take(index: number, bytes: Buffer, start: number, end: number): void {
    const seq = recordSeqAt(bytes, start);
    this.#index = index;
    const timeMs = recordTimeAt(bytes, start);
    this.#firstIndex ??= index;
    if (timeMs < this.#firstTimeMs) this.#firstTimeMs = timeMs;
    if (timeMs > this.#lastTimeMs) this.#lastTimeMs = timeMs;
    const run = this.#current?.next === seq ? this.#current : this.#runFor(seq);
    if (typeof run === 'string') {
      this.#findings.add(run, { index, source: this.name, seq });
      return;
    }
    this.#records++;
    this.#current = run;
    const type = recordTypeAt(bytes, start);
    if (isOfProxiesAlone(type)) this.#isOfProxy = true;
    else if (!isOfProxies(type)) this.#gatewayIndex ??= index;
    if (seq === 0) this.#opening(bytes, start, end);
    run.take(bytes, start, end);
    run.lastIndex = index;
    if (this.#runs.length > 1) this.#joinAfter(run);
  }

  get summary() {
    const last = this.#runs.at(-1);
    return {
      records: this.#records,
      firstIndex: this.#firstIndex ?? 0,
      firstSeq: this.#runs[0]?.first ?? 0,
      nextSeq: last?.next ?? 0,
      seals: this.#runs.reduce((sum, run) => sum + run.sealCount, 0),
      unsealedFrom: last?.unsealedFrom ?? 0,
      unsealed: last === undefined ? 0 : last.next - last.unsealedFrom,
      unsealedMs: last?.unsealedMs ?? 0,
      firstTimeMs: this.#firstTimeMs,
      lastTimeMs: this.#lastTimeMs,
      lastIndex: this.#index,
    };
  }

  /** Whether the node itself sealed the record of that number: what stands in the ledger besides, its database's owner can have put there. */
  isProven(seq: number): boolean {
    return this.#proven.some(({ first, end }) => first <= seq && seq < end);
  }

  /** Whether it has what proxies alone write. */
  get isOfProxy(): boolean {
    return this.#isOfProxy;
  }

  /** Where it first has what gateways alone write. */
  get gatewayIndex(): number | undefined {
    return this.#gatewayIndex;
  }

  /** What its first record says of the run before it. */
  get predecessor(): EarlierRun | undefined {
    return this.#predecessor;
  }

  /**
   * Whether it goes on as far as this seal, which is its own: those behind which others follow are held by their chain. Where its
   * number is missing between others, that is a hole.
   */
  reaches({ seq, hash }: NamedSeal): boolean {
    const at = this.#placeOf(seq);
    const run = this.#runs[at];
    if (run === undefined) return false;
    if (run.next <= seq) return at + 1 < this.#runs.length;
    const [oldest] = run.seals;
    const same = run.seals.find((seal) => seal.seq === seq);
    return same?.hash.equals(hash) ?? (oldest !== undefined && seq < oldest.seq);
  }

  /**
   * Says what is missing of the numbers; a file of a part of the ledger need not have the first. What was dropped between two
   * records, days that stand around one under a hold, had numbers too.
   */
  end(isWhole: boolean, dropped: readonly Places[]): void {
    const [first] = this.#runs;
    if (isWhole && first !== undefined && first.first !== 0) {
      this.#findings.add('stream-start-missing', {
        source: this.name,
        seq: 0,
        untilSeq: first.first,
      });
    }
    const laterFrom = firstIndexBehind(this.#runs);
    let inOrderTo = -1;
    for (const [at, run] of this.#runs.entries()) {
      if (run.openingFault !== undefined) {
        const { code, sealSeq } = run.openingFault;
        const { firstIndex: index, first: seq } = run;
        this.#findings.add(code, { index, source: this.name, seq, untilSeq: sealSeq });
      }
      const later = this.#runs[at + 1];
      if (later === undefined) continue;
      // A piece that came late says nothing of where those behind it stood.
      if (run.lastIndex < (laterFrom[at] ?? 0)) inOrderTo = run.lastIndex;
      const room = placesBetween(dropped, inOrderTo, later.firstIndex);
      if (later.first - run.next <= room) continue;
      this.#findings.add('sequence-hole', {
        source: this.name,
        seq: run.next,
        untilSeq: later.first,
      });
    }
  }

  isSigned(seal: Buffer, seq: number): boolean {
    if (this.#key === undefined) {
      if (!this.#isKeyReported) this.#add('seal-key-unknown', seq);
      this.#isKeyReported = true;
      return true;
    }
    if (verifySeal(this.#key, seal, 0, seal.length)) return true;
    this.#add('seal-signature-wrong', seq);
    return false;
  }

  wrong(code: Parameters<SealSink['wrong']>[0], seq: number, firstSeq: number): void {
    this.#findings.add(code, {
      index: this.#index,
      source: this.name,
      seq: firstSeq,
      untilSeq: seq,
    });
  }

  proven(firstSeq: number, sealSeq: number): void {
    if (this.#key === undefined) return;
    const last = this.#proven.at(-1);
    if (last?.end === firstSeq) last.end = sealSeq + 1;
    else if (this.#proven.length < PROVEN_MAX) {
      this.#proven.push({ first: firstSeq, end: sealSeq + 1 });
    }
  }

  #add(code: FindingCode, seq: number): void {
    this.#findings.add(code, { index: this.#index, source: this.name, seq });
  }

  /** The run that this number continues, or a new one. */
  #runFor(seq: number): StreamRun | 'record-twice' | 'not-all-judged' {
    const at = this.#placeOf(seq);
    const before = this.#runs[at];
    if (before?.next === seq) return before;
    if (before !== undefined && seq < before.next) return 'record-twice';
    if (this.#runs.length === RUNS_MAX) return 'not-all-judged';
    const run = new StreamRun(seq, this.#index, this);
    this.#runs.splice(at + 1, 0, run);
    return run;
  }

  /** Where the last run stands that begins with this number or before it; -1: none does. */
  #placeOf(seq: number): number {
    let from = 0;
    let until = this.#runs.length;
    while (from < until) {
      const middle = (from + until) >>> 1;
      if ((this.#runs[middle] as StreamRun).first <= seq) from = middle + 1;
      else until = middle;
    }
    return from - 1;
  }

  #joinAfter(run: StreamRun): void {
    const at = this.#placeOf(run.first) + 1;
    const later = this.#runs[at];
    if (later === undefined || later.first !== run.next) return;
    run.join(later);
    this.#runs.splice(at, 1);
  }

  #opening(bytes: Buffer, start: number, end: number): void {
    const opened = decodeRecord(bytes, start, end);
    if (!opened.ok || opened.value.type !== 'stream-opened') {
      this.#add('stream-start-missing', 0);
      return;
    }
    const { node, worker, epoch, previousEpoch, previousSeal, previousSealSeq } =
      opened.value.fields;
    const { source } = this;
    if (node !== source.node || worker !== source.worker || epoch !== source.epoch) {
      this.#add('stream-misattributed', 0);
    }
    if (previousEpoch === undefined) return;
    const lastSeal =
      previousSeal === undefined || previousSealSeq === undefined
        ? undefined
        : { seq: previousSealSeq, hash: Buffer.from(previousSeal) };
    this.#predecessor = { epoch: previousEpoch, lastSeal };
  }
}

/** For each piece, where the first record stands of all with later numbers. */
function firstIndexBehind(runs: readonly StreamRun[]): readonly number[] {
  const behind: number[] = [];
  let first = Number.POSITIVE_INFINITY;
  for (let at = runs.length - 1; at >= 0; at--) {
    behind[at] = first;
    first = Math.min(first, runs[at]?.firstIndex ?? first);
  }
  return behind;
}

/** How many of these places are behind one and before another. */
function placesBetween(spans: readonly Places[], after: number, before: number): number {
  return spans
    .filter(({ from, until }) => after < from && until <= before)
    .reduce((sum, { from, until }) => sum + until - from, 0);
}
