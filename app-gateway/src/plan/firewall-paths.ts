import type { NetworkSettings } from '../config/network-schema.ts';
import type { Crossing, PlanFirewall, PlanFlow, ZoneName } from './network-plan.ts';

type Legs = Omit<PlanFirewall, 'crossings'>;

/** The firewalls that the site names; or one between each two neighbouring zones, counted from the outside. */
export function legsOf(network: NetworkSettings, zones: readonly ZoneName[]): readonly Legs[] {
  if (network.firewalls.length > 0) return network.firewalls;
  return zones.slice(1).map((inner, at) => ({
    name: `firewall-${at + 1}`,
    joins: [zones[at] ?? 'internet', inner],
    interfaces: {},
  }));
}

/** Each firewall with the flows that pass it; a flow between zones takes the way with the fewest firewalls. */
export function withCrossings(
  firewalls: readonly Legs[],
  flows: readonly PlanFlow[],
): readonly PlanFirewall[] {
  const paths = flows
    .filter(({ via, from, to }) => via === undefined && from.zone !== to.zone)
    .map((flow) => ({ flow, path: pathBetween(firewalls, flow.from.zone, flow.to.zone) ?? [] }));
  return firewalls.map((firewall) => ({
    ...firewall,
    crossings: paths.flatMap(({ flow, path }) =>
      path
        .filter((step) => step.firewall === firewall.name)
        .map(({ from, to }): Crossing => ({ flowId: flow.id, from, to })),
    ),
  }));
}

/** One firewall on a way, and the zones at its two sides. */
interface Step {
  readonly firewall: string;
  readonly from: ZoneName;
  readonly to: ZoneName;
}

/** The shortest way; undefined where no firewalls lead there. */
export function pathBetween(
  firewalls: readonly Legs[],
  from: ZoneName,
  to: ZoneName,
): readonly Step[] | undefined {
  const paths = new Map<ZoneName, readonly Step[]>([[from, []]]);
  for (const [zone, path] of paths) {
    if (zone === to) return path;
    for (const { name, joins } of firewalls) {
      if (!joins.includes(zone)) continue;
      for (const next of joins) {
        if (!paths.has(next)) paths.set(next, [...path, { firewall: name, from: zone, to: next }]);
      }
    }
  }
  return undefined;
}
