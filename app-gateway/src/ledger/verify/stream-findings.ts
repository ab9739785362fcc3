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

/** What the streams say together: who is missing, what is not sealed, and whether later runs know of more than is here. */
export function judgeStreams(evidence: StreamEvidence): void {
  const { streams, isWhole, isToTheEnd, dropped } = evidence;
  for (const stream of streams) {
    stream.end(isWhole, dropped);
    if (!isToTheEnd) continue;
    // In a part that ends early the rest of a run may come later, and a node its first word.
    judgePredecessor(stream, evidence);
    judgeTail(stream, evidence);
  }
  judgeRoles(evidence);
  if (isWhole && isToTheEnd) judgeNodes(evidence);
}

/** What the first record of a run says of the run before it. */
function judgePredecessor(stream: StreamCheck, evidence: StreamEvidence): void {
  const { streams, wholeFrom, findings } = evidence;
  const { predecessor } = stream;
  if (predecessor === undefined) return;
  const before = streams.find(
    (other) => isSameWorker(other, stream) && other.source.epoch === predecessor.epoch,
  );
  const place = { source: stream.name, index: stream.summary.firstIndex };
  if (before === undefined) {
    if (mayBeLeftOut(stream, evidence)) return;
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

/** Whether the run before may lie in what was dropped or left out: not where a still earlier one of the worker begins after that. */
function mayBeLeftOut(
  stream: StreamCheck,
  { streams, isWhole, wholeFrom }: StreamEvidence,
): boolean {
  const { firstIndex } = stream.summary;
  const hasEarlier = streams.some(
    (other) =>
      isSameWorker(other, stream) &&
      other.summary.firstSeq === 0 &&
      other.summary.firstIndex >= wholeFrom &&
      other.summary.firstIndex < firstIndex,
  );
  return !isWhole && !hasEarlier;
}

/** Records after the last seal: as they must be for a moment, and as they may be after a kill. */
function judgeTail(
  stream: StreamCheck,
  { streams, dropped, newestMs, findings }: StreamEvidence,
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
  const successors = streams.filter(
    (other) => other !== stream && isSameWorker(other, stream) && isLater(other, stream),
  );
  if (successors.length === 0) {
    if (newestMs - lastTimeMs > SEAL_LATE_MS) findings.add('tail-not-yet-sealed', place);
    return;
  }
  findings.add(isOfKill(stream, successors) ? 'tail-unsealed-after-kill' : 'tail-unsealed', place);
}

/**
 * Whether this is what a kill can leave: no more than a moment's records, and the next run of the worker names this one as the
 * one before it. Where that run also tells a seal, `seals-end-early` says whether it is here.
 */
function isOfKill({ source, summary }: StreamCheck, successors: readonly StreamCheck[]): boolean {
  const isNamed = successors.some(({ predecessor }) => predecessor?.epoch === source.epoch);
  const isMoment = summary.lastTimeMs - summary.unsealedFromMs <= SEAL_LATE_MS;
  return isNamed && isMoment && summary.unsealed <= SEALED_RECORDS_MAX;
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

function isSameWorker({ source: one }: StreamCheck, { source: other }: StreamCheck): boolean {
  return one.node === other.node && one.worker === other.worker;
}

/** By what the run itself says, or by the clock of the same node. */
function isLater(other: StreamCheck, stream: StreamCheck): boolean {
  if (other.predecessor?.epoch === stream.source.epoch) return true;
  return other.summary.firstTimeMs > stream.summary.lastTimeMs;
}
