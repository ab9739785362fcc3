import type {
  NetworkPlan,
  PlanFlow,
  PlanSocket,
  Protocol,
  ZoneName,
} from '../plan/network-plan.ts';
import { allowingFlow, isLoopback, isWildcard } from './allowing-flow.ts';

/** Where somebody stands who looks at a site. */
export interface Vantage {
  readonly zone: ZoneName;
  /** Absent: a machine of the zone that the plan does not name. */
  readonly host: string | undefined;
}

/** A place of the site that can be tried from another host, and where it is dialled. */
export interface Target {
  readonly socket: PlanSocket;
  readonly dial: { readonly address: string; readonly port: number };
}

/** What can be asked in a way that a server answers, by the port that is asked. */
export type Question = 'connect' | 'dns' | 'ntp';

/** What the plan says of a target, seen from an address. */
export interface Expectation {
  readonly isAllowed: boolean;
  readonly flow: PlanFlow | undefined;
}

const DNS_PORT = 53;
const NTP_PORT = 123;

/**
 * Every place of the site that a vantage point can be tried against: all sockets of all other hosts but those on loopback.
 *
 * Wherever packets from the internet are addressed to a translated address, that one is dialled. A host of the plan
 * does not try families of addresses that it has none of.
 */
export function targetsFrom(plan: NetworkPlan, vantage: Vantage): readonly Target[] {
  const sockets = plan.sockets
    .filter(({ host, address }) => host !== vantage.host && !isLoopback(address))
    .flatMap((socket) => everyAddress(plan, socket));
  const own = plan.hosts.find(({ name }) => name === vantage.host)?.addresses;
  const hasFamilyOf = ({ dial }: Target) =>
    own === undefined || own.some((address) => isIpv6(address) === isIpv6(dial.address));
  return sockets
    .map((socket) => ({ socket, dial: dialled(plan, vantage.zone, socket) }))
    .filter(hasFamilyOf);
}

/** What is expected of a target when the packets carry this source address. */
export function expectationOf(
  plan: NetworkPlan,
  vantage: Vantage,
  source: string,
  socket: PlanSocket,
): Expectation {
  const flow = allowingFlow(plan, { ...vantage, address: source }, socket);
  return { isAllowed: flow !== undefined, flow };
}

/** How a target is asked; undefined where no question is known that every server answers. */
export function questionFor(protocol: Protocol, port: number): Question | undefined {
  if (protocol === 'tcp') return 'connect';
  if (port === DNS_PORT) return 'dns';
  return port === NTP_PORT ? 'ntp' : undefined;
}

/** A socket on every address is reached at each address of its host. */
function everyAddress(plan: NetworkPlan, socket: PlanSocket): readonly PlanSocket[] {
  if (!isWildcard(socket.address)) return [socket];
  const host = plan.hosts.find(({ name }) => name === socket.host);
  const isOfFamily = (address: string) => isIpv6(address) === isIpv6(socket.address);
  return (host?.addresses ?? []).filter(isOfFamily).map((address) => ({ ...socket, address }));
}

function dialled(plan: NetworkPlan, zone: ZoneName, socket: PlanSocket): Target['dial'] {
  const { host, address, protocol, port } = socket;
  const nat =
    zone === 'internet'
      ? plan.flows.find(
          (flow) =>
            flow.nat !== undefined &&
            flow.from.zone === 'internet' &&
            flow.to.host === host &&
            flow.protocol === protocol &&
            flow.ports.first <= port &&
            port <= flow.ports.last &&
            isIpv6(flow.nat.address) === isIpv6(address),
        )?.nat
      : undefined;
  return nat ?? { address, port };
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}
