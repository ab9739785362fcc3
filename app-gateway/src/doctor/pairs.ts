import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { NetworkPlan, PlanSocket, ZoneName } from '../plan/network-plan.ts';
import { isOurs, PlanVerdicts } from '../plan/verdict.ts';
import { familyOf } from '../plan/zone-map.ts';

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

/** What can be asked in a way that a server answers. */
export type Question = 'connect' | 'dns' | 'ntp';

const DNS_PORT = 53;
const NTP_PORT = 123;

/**
 * Every place of the site that a vantage point can be tried against: the sockets of all other hosts but those on loopback.
 *
 * Wherever packets from the internet are addressed to a translated address, that one is dialled. Hosts and zones
 * do not try families of addresses that they have none of. Left out is what no rule of ours could stop: what stands in the
 * same zone, where neither end has a packet filter of the plan.
 */
export function targetsFrom(plan: NetworkPlan, vantage: Vantage): readonly Target[] {
  const own = plan.hosts.find(({ name }) => name === vantage.host);
  const zone = plan.zones.find(({ name }) => name === vantage.zone);
  const families = new Set((own?.addresses ?? zone?.networks ?? []).map(familyOf));
  // The internet has no networks of its own, and both families.
  const hasFamilyOf = ({ dial }: Target) =>
    families.size === 0 || families.has(familyOf(dial.address));
  const isEnforced = ({ host }: PlanSocket) => {
    const other = plan.hosts.find(({ name }) => name === host);
    return other?.zone !== vantage.zone || isOurs(other) || isOurs(own);
  };
  return new PlanVerdicts(plan).targets
    .filter((socket) => socket.host !== vantage.host && isEnforced(socket))
    .map((socket) => ({ socket, dial: dialled(plan, vantage.zone, socket) }))
    .filter(hasFamilyOf);
}

/**
 * How a target is asked; undefined where no question is known that every server answers, which is all of UDP but name and
 * time servers: silence would say nothing, and guesses at a protocol could do harm.
 */
export function questionFor({
  protocol,
  port,
  purpose,
}: Pick<PlanSocket, 'protocol' | 'port' | 'purpose'>): Question | undefined {
  if (protocol === 'tcp') return 'connect';
  if (port === DNS_PORT || purpose === 'DNS') return 'dns';
  return port === NTP_PORT ? 'ntp' : undefined;
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
            familyOf(flow.nat.address) === familyOf(address) &&
            holds(flow.to.networks, address),
        )?.nat
      : undefined;
  return nat ?? { address, port };
}

/** Whether one of the networks holds an address. */
export function holds(networks: readonly string[], address: string): boolean {
  const set = NetworkSet.parse(networks);
  return set.ok && set.value.contains(address);
}
