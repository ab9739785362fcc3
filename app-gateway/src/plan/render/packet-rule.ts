import {
  type Network,
  NetworkSet,
  networkContains,
  parseNetwork,
} from '@sallyport/shared/net/network.ts';
import type {
  FlowEnd,
  NetworkPlan,
  PlanFirewall,
  PlanFlow,
  PlanHost,
  Protocol,
  ZoneName,
} from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';

/** IPv4 or IPv6: no rule ever pairs one with the other. */
export type Family = 4 | 6;

/** Both, in the order in which rules are written. */
export const FAMILIES: readonly Family[] = [4, 6];

/** A rule's comment holds no more; the counter beside it, or the chain, has the whole id. */
export const COMMENT_CHARS_MAX = 120;
/** Bytes of memory that one table of sources may take are bounded by its entries. */
export const SOURCES_MAX = 65_536;
/** So many seconds' worth of new connections a source has free. */
export const BURST_SECONDS = 2;

/** One side of a rule, of one family. */
export interface PacketEnd {
  /** Empty: every address that is of no zone of the site. */
  readonly networks: readonly string[];
  /** Nobody with an address of the site is meant, whatever the networks say. */
  readonly isInternet: boolean;
}

/** One conversation of one family that a packet filter lets through, whatever the filter is called. */
export interface PacketRule {
  readonly flow: PlanFlow;
  readonly family: Family;
  readonly from: PacketEnd;
  readonly to: PacketEnd;
  readonly protocol: Protocol;
  readonly ports: { readonly first: number; readonly last: number };
  /** Zones of the two interfaces, on a firewall. */
  readonly leg?: { readonly from: ZoneName; readonly to: ZoneName };
  /** Only packets that this firewall has translated itself: nobody outside addresses the inner address. */
  readonly isTranslated: boolean;
  /** Answers go past whoever has this rule: connections are never known as established there. */
  readonly isOneWay: boolean;
}

/** What a firewall lets through, in the plan's order; a flow through a balancer never goes on as it came. */
export function firewallRules(plan: NetworkPlan, firewall: PlanFirewall): readonly PacketRule[] {
  const flows = new Map(plan.flows.map((flow) => [flow.id, flow]));
  return firewall.crossings.flatMap(({ flowId, from, to }) => {
    const flow = flows.get(flowId);
    if (flow === undefined || flow.via !== undefined) return [];
    const isTranslated = flow.nat !== undefined && from === 'internet';
    return rulesOf(flow, flow.from, flow.to).map((rule) => {
      return { ...rule, leg: { from, to }, isTranslated };
    });
  });
}

/** What one host accepts, opens and, as a balancer that passes packets through, sends on. */
export interface HostRules {
  readonly input: readonly PacketRule[];
  readonly output: readonly PacketRule[];
  /** On a balancer that passes packets through: partners to the proxies behind it, and those proxies out. */
  readonly forward: readonly PacketRule[];
}

/** The flows of one host as rules; what it says to itself goes over loopback and needs none. */
export function hostRules(plan: NetworkPlan, host: PlanHost): HostRules {
  const others = plan.flows.filter(({ from, to }) => !(isAt(from, host) && isAt(to, host)));
  const balancer = plan.balancers.find((each) => each.host === host.name);
  const behind =
    balancer?.mode === 'pass-through' ? balancer.targets.map((target) => target.host) : [];
  const inwards = others
    .filter(({ via }) => via === host.name)
    .flatMap((flow) => rulesOf(flow, flow.from, flow.to));
  // Partners answer to the proxy's own address, to which the firewall has a way without this host.
  const outwards = others
    .filter(({ from, to }) => to.zone === 'internet' && behind.includes(from.host ?? ''))
    .flatMap((flow) => rulesOf(flow, flow.from, flow.to))
    .map((rule) => ({ ...rule, isOneWay: true }));
  return {
    input: others
      .filter(({ to }) => isAt(to, host))
      .flatMap((flow) => rulesOf(flow, flow.from, ownPart(flow.to, host))),
    output: [
      ...others
        .filter(({ from }) => isAt(from, host))
        .flatMap((flow) => rulesOf(flow, ownPart(flow.from, host), flow.to)),
      // LVS sends what it has translated as if the host itself did.
      ...(balancer?.kind === 'keepalived' ? inwards : []),
    ],
    forward: [...inwards, ...outwards],
  };
}

/** Who administers hosts: those who may open SSH to one of them may open it to a firewall. */
export function administrators(plan: NetworkPlan): {
  readonly networks: readonly string[];
  readonly ports: readonly number[];
} {
  const flows = plan.flows.filter(({ kind }) => kind === 'administration');
  return {
    networks: withoutInner(flows.flatMap(({ from }) => from.networks)),
    ports: [...new Set(flows.map(({ ports }) => ports.first))],
  };
}

/** The networks of one family among several. */
export function ofFamily(networks: readonly string[], family: Family): readonly string[] {
  return networks.filter((network) => familyOf(network) === family);
}

/** All ranges of the site of one family: what is not in them is the internet. */
export function siteNetworks(plan: NetworkPlan, family: Family): readonly string[] {
  return withoutInner(
    ofFamily(
      plan.zones.flatMap(({ networks }) => networks),
      family,
    ),
  );
}

/** Without the networks that lie in another one of the list: packet filters refuse ranges that overlap. */
export function withoutInner(networks: readonly string[]): readonly string[] {
  const ranges = [...new Set(networks)].flatMap((text) => {
    const parsed = parseNetwork(text);
    return parsed.ok ? [{ text, network: parsed.value }] : [];
  });
  return ranges
    .filter((range) => !ranges.some((other) => other !== range && isInside(range, other)))
    .map(({ text }) => text);
}

function isInside(
  { network: inner }: { readonly network: Network },
  { network: outer }: { readonly network: Network },
): boolean {
  return (
    outer.prefixBits <= inner.prefixBits &&
    networkContains(outer, { family: inner.family, words: inner.words })
  );
}

function rulesOf(flow: PlanFlow, from: FlowEnd, to: FlowEnd): readonly PacketRule[] {
  return FAMILIES.flatMap((family): PacketRule[] => {
    const [source, target] = [endOf(from, family), endOf(to, family)];
    if (source === undefined || target === undefined) return [];
    const { protocol, ports } = flow;
    const ends = { from: source, to: target };
    return [{ flow, family, ...ends, protocol, ports, isTranslated: false, isOneWay: false }];
  });
}

function endOf({ zone, networks }: FlowEnd, family: Family): PacketEnd | undefined {
  const own = withoutInner(ofFamily(networks, family));
  if (own.length === 0) return undefined;
  const isAny = own.some((network) => network.endsWith('/0'));
  return { networks: isAny ? [] : own, isInternet: zone === 'internet' };
}

function isAt(end: FlowEnd, host: PlanHost): boolean {
  if (end.host !== undefined) return end.host === host.name;
  return ownPart(end, host).networks.length > 0;
}

/** Where a flow is for networks, the host's own addresses among them. */
function ownPart(end: FlowEnd, host: PlanHost): FlowEnd {
  if (end.host !== undefined || end.zone !== host.zone) {
    return end.host === host.name ? end : { ...end, networks: [] };
  }
  const ranges = NetworkSet.parse(end.networks);
  const own = ranges.ok ? host.addresses.filter((address) => ranges.value.contains(address)) : [];
  return { ...end, networks: own };
}
