import type { NetworkPlan, PlanSocket } from '../plan/network-plan.ts';
import { PlanVerdicts } from '../plan/verdict.ts';

const PORTS = { time: 123, names: 53 };
const SERVERS_MAX = 8;

/** The servers of a kind that a plan lets a machine with these addresses ask by UDP. */
export function serversFor(
  kind: keyof typeof PORTS,
  plan: NetworkPlan,
  addresses: readonly string[],
): readonly PlanSocket[] {
  const verdicts = new PlanVerdicts(plan);
  return plan.sockets
    .filter(
      (socket) =>
        socket.protocol === 'udp' &&
        socket.port === PORTS[kind] &&
        addresses.some(
          (address) => verdicts.of(verdicts.callerAt(address), socket).kind === 'allowed',
        ),
    )
    .slice(0, SERVERS_MAX);
}
