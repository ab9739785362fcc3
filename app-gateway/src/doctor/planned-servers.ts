import type { NetworkPlan, PlanSocket } from '../plan/network-plan.ts';
import { PlanVerdicts } from '../plan/verdict.ts';
import { questionFor } from './pairs.ts';

const QUESTIONS = { time: 'ntp', names: 'dns' } as const;
const SERVERS_MAX = 8;

/** The servers of a kind that a plan lets a machine with these addresses ask by UDP. */
export function serversFor(
  kind: keyof typeof QUESTIONS,
  plan: NetworkPlan,
  addresses: readonly string[],
): readonly PlanSocket[] {
  const verdicts = new PlanVerdicts(plan);
  return plan.sockets
    .filter(
      (socket) =>
        socket.protocol === 'udp' &&
        questionFor(socket) === QUESTIONS[kind] &&
        addresses.some(
          (address) => verdicts.of(verdicts.callerAt(address), socket).kind === 'allowed',
        ),
    )
    .slice(0, SERVERS_MAX);
}
