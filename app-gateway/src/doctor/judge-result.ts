import type { NetworkPlan, PlanSocket, ZoneName } from '../plan/network-plan.ts';
import { PlanVerdicts } from '../plan/verdict.ts';
import { compareListening, type ListeningDifference } from './compare-listening.ts';
import { judgePair, type PairVerdict, type Seen } from './judge-pair.ts';
import { socketKey } from './listening-sockets.ts';
import { holds, questionFor, type Target, targetsFrom } from './pairs.ts';
import type { Try, ZoneResult } from './zone-result.ts';

/** Why a pair says nothing. */
export type Untried =
  /** UDP, and nothing is known that could be asked. */
  | 'no-question'
  /** This machine has no address of that family in the zone. */
  | 'no-source'
  /** Its packets would carry an address of another zone. */
  | 'other-source'
  /** The try itself failed, or the result does not have it. */
  | 'failed';

/** One pair of a place that looked and a place that was looked at. */
export interface JudgedPair {
  readonly socket: PlanSocket;
  readonly dial: Target['dial'];
  readonly isAllowed: boolean;
  /** That allows it. */
  readonly flowId: string | undefined;
  readonly seen: Seen;
  readonly verdict: PairVerdict;
  /** Address that the packets carried. */
  readonly source: string | undefined;
  /** Of one that was not tried. */
  readonly untried?: Untried;
}

/** What one result says about the plan. */
export interface JudgedResult {
  readonly pairs: readonly JudgedPair[];
  /** Undefined where the result is of no host of the plan, or does not say where it listens. */
  readonly listening: readonly ListeningDifference[] | undefined;
}

/**
 * Judges what was seen from one place by the plan alone.
 *
 * Pairs are those of the plan: one that the result lacks was not tried, one that the plan lacks counts for nothing.
 */
export function judgeResult(plan: NetworkPlan, result: ZoneResult): JudgedResult {
  const { zone, host, listening } = result;
  const verdicts = new Map<string, PlanVerdicts>();
  const tries = new Map(result.tries.map((one) => [tryKey(one), one]));
  const pairs = targetsFrom(plan, { zone, host }).map(({ socket, dial }): JudgedPair => {
    const { seen = 'not-tried', source } = tries.get(tryKey(socket)) ?? {};
    const said =
      source === undefined
        ? undefined
        : verdictsFor(plan, zone, source, verdicts).of({ zone, address: source }, socket);
    const flow = said?.kind === 'allowed' ? said.flow : undefined;
    const known = source === undefined ? 'not-tried' : seen;
    const isAllowed = flow !== undefined;
    const verdict = judgePair(isAllowed, known);
    const pair = { socket, dial, isAllowed, flowId: flow?.id, seen: known, verdict, source };
    if (verdict !== 'not-tried') return pair;
    return { ...pair, untried: whyUntried(socket, source, result) };
  });
  return {
    pairs,
    listening:
      host === undefined || listening === undefined
        ? undefined
        : compareListening(plan, host, listening.places, listening.ephemeral),
  };
}

function whyUntried(
  socket: PlanSocket,
  source: string | undefined,
  { addresses }: ZoneResult,
): Untried {
  if (questionFor(socket) === undefined) return 'no-question';
  if (source === undefined) return 'no-source';
  return addresses.includes(source) ? 'failed' : 'other-source';
}

/** Only flows from there are gone through: a large site has thousands, and each place looks at each other. */
function verdictsFor(
  plan: NetworkPlan,
  zone: ZoneName,
  source: string,
  known: Map<string, PlanVerdicts>,
): PlanVerdicts {
  const before = known.get(source);
  if (before !== undefined) return before;
  const flows = plan.flows.filter(({ from }) => from.zone === zone && holds(from.networks, source));
  const verdicts = new PlanVerdicts({ ...plan, flows });
  known.set(source, verdicts);
  return verdicts;
}

function tryKey(place: Pick<Try, 'host' | 'address' | 'protocol' | 'port'>): string {
  return `${place.host} ${socketKey(place)}`;
}
