import { SEALED_RECORDS_MAX } from '@sallyport/shared/audit/seal.ts';
import type { Places } from '../place-union.ts';
import type { FindingList } from './finding.ts';
import type { SiteClaims } from './site-claims.ts';
import type { StreamCheck } from './stream-check.ts';

/** Everything that was heard of the sources. */
export interface StreamEvidence {
  readonly streams: readonly StreamCheck[];
  readonly claims: SiteClaims;
  /** From the first record on, without days that were dropped. */
  readonly isWhole: boolean;
  /** What is before this place was left out. */
  readonly from: number;
  /** What was dropped. */
  readonly dropped: readonly Places[];
  /** From this place on nothing was dropped or left out. */
  readonly wholeFrom: number;
  /** Up to the last record of the signed tree. */
  readonly isToTheEnd: boolean;
  /** Latest time in any record. */
  readonly newestMs: number;
  readonly witnesses: readonly string[];
  readonly findings: FindingList;
}

/** A node seals about once a second; so long nobody asks where its seal is. */
const SEAL_LATE_MS = 10_000;

/** What the streams say together: who is missing, what is not sealed, and whether later runs know of more than is here. */
export function judgeStreams(evidence: StreamEvidence): void {
  const { streams, isWhole, isToTheEnd, from, dropped } = evidence;
  const notHere = from > 0 ? [{ from: 0, until: from }, ...dropped] : dropped;
  const workers = runsByWorker(evidence);
  for (const stream of streams) {
    stream.end(isWhole, notHere);
    if (!isToTheEnd) continue;
    // In a part that ends early the rest of a run may come later, and a node its first word.
    const runs = workers.get(workerOf(stream)) as WorkerRuns;
    judgePredecessor(stream, runs, evidence);
    judgeTail(stream, runs, evidence);
  }
  judgeRoles(evidence);
  if (isWhole && isToTheEnd) judgeNodes(evidence);
}

/** The runs of one worker, as each is judged by the others. */
interface WorkerRuns {
  readonly byEpoch: Map<bigint, StreamCheck>;
  /** Epochs that another run names as that of the one before it. */
  readonly named: Set<bigint>;
  /** When the last run began that names one of which nothing is here, and no seal: that one was killed at once, and may have named another. */
  afterUnknownMs: number;
  /** By the clock of the node, of runs that none names: one that is named was before another, whatever the clock was then. */
  lastStartMs: number;
  /** Of runs of which nothing is dropped or left out: where the first stands, and when the earliest began. */
  firstWholeIndex: number;
  firstWholeMs: number;
}

/** So that not every run is held against every other one: there may be very many. */
function runsByWorker({ streams, wholeFrom }: StreamEvidence): ReadonlyMap<string, WorkerRuns> {
  const workers = new Map<string, WorkerRuns>();
  for (const stream of streams) {
    const key = workerOf(stream);
    const runs = workers.get(key) ?? {
      byEpoch: new Map(),
      named: new Set(),
      afterUnknownMs: Number.NEGATIVE_INFINITY,
      lastStartMs: Number.NEGATIVE_INFINITY,
      firstWholeIndex: Number.POSITIVE_INFINITY,
      firstWholeMs: Number.POSITIVE_INFINITY,
    };
    workers.set(key, runs);
    const { source, predecessor, summary } = stream;
    runs.byEpoch.set(source.epoch, stream);
    if (predecessor !== undefined && predecessor.epoch !== source.epoch) {
      runs.named.add(predecessor.epoch);
    }
    if (summary.firstSeq === 0 && summary.firstIndex >= wholeFrom) {
      runs.firstWholeIndex = Math.min(runs.firstWholeIndex, summary.firstIndex);
      runs.firstWholeMs = Math.min(runs.firstWholeMs, summary.firstTimeMs);
    }
  }
  for (const runs of workers.values()) {
    for (const [epoch, { predecessor, summary }] of runs.byEpoch) {
      const isAfterUnknown =
        predecessor !== undefined &&
        predecessor.lastSeal === undefined &&
        !runs.byEpoch.has(predecessor.epoch);
      if (isAfterUnknown) runs.afterUnknownMs = Math.max(runs.afterUnknownMs, summary.firstTimeMs);
      if (!runs.named.has(epoch))
        runs.lastStartMs = Math.max(runs.lastStartMs, summary.firstTimeMs);
    }
  }
  return workers;
}

function workerOf({ source: { node, worker } }: StreamCheck): string {
  return `${worker}/${node}`;
}

/** What the first record of a run says of the run before it. */
function judgePredecessor(
  stream: StreamCheck,
  { byEpoch, firstWholeIndex, firstWholeMs }: WorkerRuns,
  { isWhole, wholeFrom, findings }: StreamEvidence,
): void {
  const { predecessor } = stream;
  if (predecessor === undefined) return;
  const { epoch, lastSeal } = predecessor;
  const before = byEpoch.get(epoch);
  // What was dropped or left out may hold the beginning of a run, unless a still earlier one of the worker begins after that. What came late
  // stands behind runs that followed it.
  const mayBeginOutside = ({ firstIndex, firstTimeMs }: StreamCheck['summary']) =>
    !isWhole && (firstWholeIndex >= firstIndex || firstWholeMs >= firstTimeMs);
  if (before === undefined) {
    if (mayBeginOutside(stream.summary)) return;
    const place = { source: stream.name, index: stream.summary.firstIndex };
    findings.add(lastSeal === undefined ? 'run-unknown' : 'run-missing', place);
  } else if (lastSeal !== undefined && !before.reaches(lastSeal)) {
    const { firstSeq, nextSeq, lastIndex } = before.summary;
    const isOutside = lastSeal.seq < firstSeq && mayBeginOutside(before.summary);
    // Its end may have been dropped.
    if (isOutside || lastIndex < wholeFrom) return;
    findings.add('seals-end-early', {
      source: before.name,
      seq: nextSeq,
      detail: `so says ${stream.name}`,
    });
  }
}

/** Records after the last seal: as they must be for a moment, and as they may be after a kill. */
function judgeTail(
  stream: StreamCheck,
  { named, afterUnknownMs, lastStartMs }: WorkerRuns,
  { dropped, newestMs, findings }: StreamEvidence,
): void {
  const { unsealed, unsealedFrom, nextSeq, lastIndex, lastTimeMs } = stream.summary;
  if (unsealed === 0) return;
  // Its end may have been dropped, and with it the seal.
  if (dropped.some(({ from }) => lastIndex < from)) return;
  const place = {
    index: lastIndex,
    source: stream.name,
    seq: unsealedFrom,
    untilSeq: nextSeq,
    detail: `${unsealed} ${unsealed === 1 ? 'record' : 'records'}`,
  };
  const isNamed = named.has(stream.source.epoch);
  // By what a run itself says, or by the clock of the same node.
  if (!isNamed && lastStartMs <= lastTimeMs) {
    if (newestMs - lastTimeMs > SEAL_LATE_MS) findings.add('tail-not-yet-sealed', place);
    return;
  }
  const mayBeNamed = isNamed || lastTimeMs <= afterUnknownMs;
  const isKill = mayBeNamed && isAsAfterKill(stream);
  findings.add(isKill ? 'tail-unsealed-after-kill' : 'tail-unsealed', place);
}

/**
 * Whether this is what a kill can leave of a run that the next one names, or may have named: no more than a moment's records. Where that run also
 * tells a seal, `seals-end-early` says whether it is here.
 */
function isAsAfterKill({ summary }: StreamCheck): boolean {
  return summary.unsealedMs <= SEAL_LATE_MS && summary.unsealed <= SEALED_RECORDS_MAX;
}

/** No host is a proxy and a gateway: with a proxy's key somebody would lift holds. */
function judgeRoles({ streams, claims, findings }: StreamEvidence): void {
  const proxies = new Set(streams.filter((one) => one.isOfProxy).map(({ source }) => source.node));
  for (const { source, name, gatewayIndex } of streams) {
    if (gatewayIndex === undefined) continue;
    const place = { index: gatewayIndex, source: name };
    const teller = claims.proxies.get(source.node);
    if (proxies.has(source.node)) findings.add('record-of-gateway', place);
    else if (teller !== undefined) {
      findings.add('record-of-gateway', { ...place, detail: `${teller} had a channel to it` });
    }
  }
}

function judgeNodes({ streams, claims, witnesses, findings }: StreamEvidence): void {
  const here = new Set(streams.map(({ source }) => source.node));
  for (const node of new Set([...witnesses, ...claims.nodes.keys()])) {
    if (here.has(node)) continue;
    const teller = claims.nodes.get(node);
    const detail = teller === undefined ? node : `${node}, to which ${teller} had a channel`;
    findings.add('source-missing', { detail });
  }
}
