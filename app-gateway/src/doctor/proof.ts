import { counted as numberOf } from '../commands/text-table.ts';
import type { PlanHost, PlanSocket, ZoneName } from '../plan/network-plan.ts';
import { isLoopback } from '../plan/zone-map.ts';
import { covers, type ListeningDifference } from './compare-listening.ts';
import { isDifference } from './judge-pair.ts';
import { type JudgedPair, type JudgedResult, judgeResult } from './judge-result.ts';
import { socketKey } from './listening-sockets.ts';
import { questionFor } from './pairs.ts';
import type { KnownPlan } from './read-plan.ts';
import type { ReadResult } from './signed-result.ts';
import { isRealDifference, type Tally, tally } from './zone-report.ts';
import type { ZoneResult } from './zone-result.ts';

/** A result file as it came, read or not. */
export interface GivenResult {
  readonly file: string;
  /** Undefined: it could not be read; `fault` says why. */
  readonly read: ReadResult | undefined;
  readonly fault?: string;
}

/** Keys whose signatures count, base64 SPKI. */
export interface KnownKeys {
  readonly nodes: ReadonlyMap<string, string>;
  readonly operators: ReadonlySet<string>;
}

/** What a proof is made with. */
export interface ProofInput {
  readonly known: KnownPlan;
  readonly given: readonly GivenResult[];
  readonly keys: KnownKeys;
  readonly nowMs: number;
  readonly ageMaxMs: number;
}

/** A result that counts, and what it says. */
export interface CountedResult {
  readonly file: string;
  readonly result: ZoneResult;
  readonly signedBy: string;
  readonly judged: JudgedResult;
  readonly tally: Tally;
}

/** A result that does not count. */
export interface RejectedResult {
  readonly file: string;
  readonly why: string;
}

/** What was tried from one zone to another. */
export interface ZoneCell {
  readonly from: ZoneName;
  readonly to: ZoneName;
  readonly allowedOpen: number;
  readonly forbiddenBlocked: number;
  readonly differences: number;
  readonly notTried: number;
}

/** One difference, and who saw it. */
export interface ProofDifference {
  readonly seenFrom: string;
  readonly pair?: JudgedPair;
  readonly listening?: ListeningDifference;
}

/** The results of many places as one statement about a site. */
export interface Proof {
  readonly site: string;
  readonly planSha256: string;
  readonly madeAtMs: number;
  readonly isProven: boolean;
  /** Why not; empty where it is proven. */
  readonly reasons: readonly string[];
  /** What no try can show, whoever looks: it stands beside the verdict and does not change it. */
  readonly limits: readonly string[];
  readonly counted: readonly CountedResult[];
  readonly rejected: readonly RejectedResult[];
  readonly cells: readonly ZoneCell[];
  readonly differences: readonly ProofDifference[];
  /** Hosts with programs of ours, and zones, that nobody looked from. */
  readonly missing: { readonly zones: readonly ZoneName[]; readonly hosts: readonly string[] };
  /** Places that were found closed to everybody, and that nobody saw alive: a dead server is not a firewall. */
  readonly lifeless: readonly PlanSocket[];
}

/** More than clocks differ. */
const FUTURE_MAX_MS = 300_000;

/**
 * Merges what was seen from many places into one proof.
 *
 * It is proven when every zone and every host of ours was looked from, within the age, against this very plan, signed by
 * known keys, no difference was seen, and each place that was found closed was seen alive from somewhere.
 */
export function makeProof(input: ProofInput): Proof {
  const { known, nowMs } = input;
  const { plan, sha256 } = known;
  const judged = input.given.map((given) => judgeGiven(given, input));
  const counted = newest(judged.filter((one) => 'judged' in one));
  const missing = missingPlaces(input, counted);
  const differences = counted.flatMap(differencesOf);
  const lifeless = lifelessSockets(input, counted);
  const untried = counted.flatMap(({ judged: { pairs } }) => pairs.filter(isUntriedForNoReason));
  const rejected = judged.filter((one) => 'why' in one);
  const reasons = [
    ...(differences.length === 0
      ? []
      : [`${numberOf(differences.length, 'difference')} from the plan`]),
    ...missing.zones.map((zone) => `nobody looked from the zone ${zone}`),
    ...missing.hosts.map((host) => `nobody looked from the host ${host}`),
    ...(untried.length === 0 ? [] : [`${numberOf(untried.length, 'pair')} not tried`]),
    ...lifeless.map(
      (socket) => `nobody saw ${placeOf(socket)} alive: that it is closed proves nothing`,
    ),
    ...rejected.map(({ file, why }) => `${file} does not count: ${why}`),
  ];
  return {
    site: plan.site,
    planSha256: sha256,
    madeAtMs: nowMs,
    isProven: reasons.length === 0,
    reasons,
    limits: limitsOf(input),
    counted,
    rejected,
    cells: cellsOf(input, counted),
    differences,
    missing,
    lifeless,
  };
}

/** A place of a host, as the proof names it. */
export function placeOf(socket: PlanSocket): string {
  return `${socket.host} ${socketKey(socket)}`;
}

/** Who looked. */
export function seenFrom({ host, zone }: ZoneResult): string {
  return host === undefined ? `zone ${zone}` : host;
}

function judgeGiven(
  { file, read, fault }: GivenResult,
  { known, keys, nowMs, ageMaxMs }: ProofInput,
): CountedResult | RejectedResult {
  if (read === undefined) return { file, why: fault ?? 'it cannot be read' };
  const { result, signedBy } = read;
  if (result.planSha256 !== known.sha256) return { file, why: 'it was made against another plan' };
  if (nowMs - result.madeAtMs > ageMaxMs) return { file, why: 'it is too old' };
  if (result.madeAtMs - nowMs > FUTURE_MAX_MS) return { file, why: 'it is from the future' };
  const host = known.plan.hosts.find(({ name }) => name === result.host);
  if (result.host !== undefined && host?.zone !== result.zone) {
    return { file, why: 'the plan has no such host in that zone' };
  }
  const why = signatureProblem(signedBy, host, keys);
  if (signedBy === undefined || why !== undefined) return { file, why: why ?? '' };
  const judged = judgeResult(known.plan, result);
  const shown = `${signedBy.kind} ${signedBy.name}`;
  return { file, result, signedBy: shown, judged, tally: tally(judged) };
}

/** A host speaks for itself and for nobody else; an operator may speak for any place. */
function signatureProblem(
  signedBy: ReadResult['signedBy'],
  host: PlanHost | undefined,
  { nodes, operators }: KnownKeys,
): string | undefined {
  if (signedBy === undefined) return 'nobody signed it';
  const { kind, name, publicKey } = signedBy;
  if (kind === 'operator') {
    return operators.has(publicKey) ? undefined : 'its operator’s key is not among --keys';
  }
  if (nodes.get(name) !== publicKey) return 'its node’s key is not among --keys';
  return host?.nodes.includes(name) === true
    ? undefined
    : `${name} is no node of the host it is of`;
}

/** Of several results from one place the newest; in a zone each address is a place of its own. */
function newest(counted: readonly CountedResult[]): readonly CountedResult[] {
  const places = new Map<string, CountedResult>();
  for (const one of counted) {
    const { host, zone, addresses } = one.result;
    const key = host ?? `${zone} ${addresses.join()}`;
    const other = places.get(key);
    if (other === undefined || other.result.madeAtMs < one.result.madeAtMs) places.set(key, one);
  }
  return [...places.values()];
}

function missingPlaces(
  { known: { plan } }: ProofInput,
  counted: readonly CountedResult[],
): Proof['missing'] {
  const zones = new Set<ZoneName>(['internet', ...plan.zones.map(({ name }) => name)]);
  const lookedFrom = new Set(counted.map(({ result }) => result.zone));
  const hosts = plan.hosts.filter(
    ({ name, nodes }) => nodes.length > 0 && !counted.some(({ result }) => result.host === name),
  );
  return {
    zones: [...zones].filter((zone) => !lookedFrom.has(zone)),
    hosts: hosts.map(({ name }) => name),
  };
}

function differencesOf({ result, judged }: CountedResult): readonly ProofDifference[] {
  const from = seenFrom(result);
  return [
    ...judged.pairs
      .filter(({ verdict }) => isDifference(verdict))
      .map((pair) => ({ seenFrom: from, pair })),
    ...(judged.listening ?? [])
      .filter(isRealDifference)
      .map((listening) => ({ seenFrom: from, listening })),
  ];
}

function isUntriedForNoReason({ untried }: JudgedPair): boolean {
  return untried !== undefined && untried !== 'no-question';
}

/** Places that were found closed, and that were neither open to anybody nor seen listening on their own host. */
function lifelessSockets(
  { known: { plan } }: ProofInput,
  counted: readonly CountedResult[],
): readonly PlanSocket[] {
  const pairs = counted.flatMap(({ judged }) => judged.pairs);
  const closed = new Set(
    pairs
      .filter(({ isAllowed, verdict }) => !isAllowed && verdict === 'as-planned')
      .map(({ socket }) => placeOf(socket)),
  );
  const open = new Set(
    pairs.filter(({ seen }) => seen === 'open').map(({ socket }) => placeOf(socket)),
  );
  return plan.sockets.filter(
    (socket) =>
      !isLoopback(socket.address) &&
      closed.has(placeOf(socket)) &&
      !open.has(placeOf(socket)) &&
      !counted.some(({ result }) => isAliveIn(result, socket)),
  );
}

function isAliveIn({ host, listening }: ZoneResult, socket: PlanSocket): boolean {
  if (host !== socket.host || listening === undefined) return false;
  return listening.places.some((place) => covers(place, socket));
}

function limitsOf({ known: { plan } }: ProofInput): readonly string[] {
  const mute = plan.sockets.filter(
    (socket) => questionFor(socket) === undefined && !isLoopback(socket.address),
  );
  const hasDatagrams = plan.sockets.some(
    (socket) => socket.protocol === 'udp' && questionFor(socket) !== undefined,
  );
  const others = plan.hosts.filter(({ nodes }) => nodes.length === 0);
  return [
    'Tried were the places of the plan; other ports of other hosts were not.',
    'What a host’s own packet filter stops looks like what a firewall stops: whoever owns the host can lift the first.',
    ...(hasDatagrams
      ? ['A UDP server that ignores a caller looks like a firewall that drops its question.']
      : []),
    ...mute.map(
      (socket) => `${placeOf(socket)} is not provable: no question is known that it answers`,
    ),
    ...(others.length === 0
      ? []
      : [
          `Hosts without programs of ours need no result of their own: ${others.map(({ name }) => name).join(', ')}.`,
        ]),
  ];
}

function cellsOf(
  { known: { plan } }: ProofInput,
  counted: readonly CountedResult[],
): readonly ZoneCell[] {
  const zoneOfHost = new Map(plan.hosts.map(({ name, zone }) => [name, zone]));
  const cells = new Map<string, ZoneCell>();
  for (const { result, judged } of counted) {
    for (const pair of judged.pairs) {
      const from = result.zone;
      const to = zoneOfHost.get(pair.socket.host) ?? from;
      const cell = cells.get(`${from} ${to}`) ?? emptyCell(from, to);
      cells.set(`${from} ${to}`, withPair(cell, pair));
    }
  }
  return [...cells.values()];
}

function emptyCell(from: ZoneName, to: ZoneName): ZoneCell {
  return { from, to, allowedOpen: 0, forbiddenBlocked: 0, differences: 0, notTried: 0 };
}

function withPair(cell: ZoneCell, { verdict, isAllowed }: JudgedPair): ZoneCell {
  if (verdict === 'not-tried') return { ...cell, notTried: cell.notTried + 1 };
  if (isDifference(verdict)) return { ...cell, differences: cell.differences + 1 };
  return isAllowed
    ? { ...cell, allowedOpen: cell.allowedOpen + 1 }
    : { ...cell, forbiddenBlocked: cell.forbiddenBlocked + 1 };
}
