import { formatAddress, parseAddress } from '@sallyport/shared/net/address.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { FlowEnd, NetworkPlan, PlanFlow, PlanSocket, ZoneName } from '../plan/network-plan.ts';

/** Who would open a conversation. */
export interface Opener {
  readonly zone: ZoneName;
  /** Absent: some machine of the zone that the plan does not name. */
  readonly host: string | undefined;
  readonly address: string;
}

/** The flow that lets an opener reach a socket directly, if any; what no flow allows is forbidden. */
export function allowingFlow(
  plan: NetworkPlan,
  opener: Opener,
  socket: PlanSocket,
): PlanFlow | undefined {
  return plan.flows.find(
    (flow) =>
      flow.via === undefined &&
      flow.protocol === socket.protocol &&
      flow.ports.first <= socket.port &&
      socket.port <= flow.ports.last &&
      isEnd(flow.to, socket.host, socket.address) &&
      flow.from.zone === opener.zone &&
      isEnd(flow.from, opener.host, opener.address),
  );
}

/** The zone whose networks hold an address; whatever none holds is the internet. */
export function zoneOf(plan: NetworkPlan, address: string): ZoneName {
  const found = plan.zones.find(({ networks }) => isIn(networks, address));
  return found?.name ?? 'internet';
}

/** Whether two texts are one address. */
export function isSameAddress(a: string, b: string): boolean {
  return canonical(a) === canonical(b);
}

/** Whether an address never leaves its machine. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** `0.0.0.0` or `::`. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function isEnd(end: FlowEnd, host: string | undefined, address: string): boolean {
  if (end.host !== undefined && end.host !== host) return false;
  return isIn(end.networks, address);
}

function isIn(networks: readonly string[], address: string): boolean {
  const set = NetworkSet.parse(networks);
  return set.ok && set.value.contains(address);
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
