import { SEALED_RECORDS_MAX } from '@sallyport/shared/audit/seal.ts';
import type { FindingList } from './finding.ts';
import type { SiteClaims } from './site-claims.ts';
import type { Places, StreamCheck } from './stream-check.ts';

/** Everything that was heard of the sources. */
export interface StreamEvidence {
  readonly streams: readonly StreamCheck[];
  readonly claims: SiteClaims;
  /** From the first record on, without days that were dropped. */
  readonly isWhole: boolean;
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

/** What is asked of all runs of one worker, of which a ledger of years has tens of thousands. */
interface WorkerRuns {
  readonly byEpoch: Map<bigint, StreamCheck>;
  /** Epochs that another run says were before it. */
  readonly named: Set<bigint>;
  /** When the last one began. */
  latestBeginMs: number;
  /** Where the first one begins that is here from its first record on. */
  firstWholeIndex: number;
}

/** What the streams say together: who is missing, what is not sealed, and whether later runs know of more than is here. */
export function judgeStreams(evidence: StreamEvidence): void {
  const { streams, isWhole, isToTheEnd, dropped } = evidence;
  const workers = runsByWorker(evidence);
  for (const stream of streams) {
    stream.end(isWhole, dropped);
    const runs = workers.get(workerOf(stream));
    // In a part that ends early the rest of a run may come later, and a node its first word.
    if (!isToTheEnd || runs === undefined) continue;
    judgePredecessor(stream, runs, evidence);
    judgeTail(stream, runs, evidence);
  }
  judgeRoles(evidence);
  if (isWhole && isToTheEnd) judgeNodes(evidence);
}

function workerOf({ source }: StreamCheck): string {
  return `${source.node}/${source.worker}`;
}

function runsByWorker({ streams, wholeFrom }: StreamEvidence): ReadonlyMap<string, WorkerRuns> {
  const workers = new Map<string, WorkerRuns>();
  for (const stream of streams) {
    const { epoch } = stream.source;
    const name = workerOf(stream);
    const runs = workers.get(name) ?? {
      byEpoch: new Map(),
      named: new Set(),
      latestBeginMs: 0,
      firstWholeIndex: Number.POSITIVE_INFINITY,
    };
    workers.set(name, runs);
    const { firstSeq, firstIndex, firstTimeMs } = stream.summary;
    runs.byEpoch.set(epoch, stream);
    const before = stream.predecessor?.epoch;
    if (before !== undefined && before !== epoch) runs.named.add(before);
    runs.latestBeginMs = Math.max(runs.latestBeginMs, firstTimeMs);
    if (firstSeq === 0 && firstIndex >= wholeFrom) {
      runs.firstWholeIndex = Math.min(runs.firstWholeIndex, firstIndex);
    }
  }
  return workers;
}

/** What the first record of a run says of the run before it. */
function judgePredecessor(stream: StreamCheck, runs: WorkerRuns, evidence: StreamEvidence): void {
  const { isWhole, wholeFrom, findings } = evidence;
  const { predecessor } = stream;
  if (predecessor === undefined) return;
  const before = runs.byEpoch.get(predecessor.epoch);
  const place = { source: stream.name, index: stream.summary.firstIndex };
  if (before === undefined) {
    // It may lie in what was dropped or left out, unless a still earlier one of the worker begins after that.
    if (!isWhole && runs.firstWholeIndex >= place.index) return;
    findings.add(predecessor.lastSeal === undefined ? 'run-unknown' : 'run-missing', place);
  } else if (predecessor.lastSeal !== undefined && !before.reaches(predecessor.lastSeal)) {
    const { nextSeq, lastIndex } = before.summary;
    // Its end may have been dropped.
    if (lastIndex < wholeFrom) return;
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
  runs: WorkerRuns,
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
  // Others come later by what they say themselves, or by the clock of the same node.
  const isNamed = runs.named.has(stream.source.epoch);
  if (!isNamed && runs.latestBeginMs <= lastTimeMs) {
    if (newestMs - lastTimeMs > SEAL_LATE_MS) findings.add('tail-not-yet-sealed', place);
    return;
  }
  const isOfKill = isNamed && isWhatKillsLeave(stream);
  findings.add(isOfKill ? 'tail-unsealed-after-kill' : 'tail-unsealed', place);
}

/**
 * No more than a moment's records, where the next run of the worker names this one as the one before it. Where that run also
 * tells a seal, `seals-end-early` says whether it is here.
 */
function isWhatKillsLeave({ summary }: StreamCheck): boolean {
  const isMoment = summary.lastTimeMs - summary.unsealedFromMs <= SEAL_LATE_MS;
  return isMoment && summary.unsealed <= SEALED_RECORDS_MAX;
}

/** No host is a proxy and a gateway: with a proxy's key somebody would lift holds. */
function judgeRoles({ streams, findings }: StreamEvidence): void {
  const proxies = new Set(streams.filter((one) => one.isOfProxy).map(({ source }) => source.node));
  for (const { source, name, gatewayIndex } of streams) {
    if (gatewayIndex === undefined || !proxies.has(source.node)) continue;
    findings.add('record-of-gateway', { index: gatewayIndex, source: name });
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
