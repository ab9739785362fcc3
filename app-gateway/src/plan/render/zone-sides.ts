import type { NetworkPlan, PlanFirewall, ZoneName } from '../network-plan.ts';

/** What may come in at one interface of a firewall. */
export interface InterfaceSources {
  readonly zone: ZoneName;
  readonly interfaceName: string;
  /** The internet is behind it: then every address may come but those of `others`. */
  readonly isOutside: boolean;
  /** Ranges of the site that may be seen as a source there. */
  readonly own: readonly string[];
  /** Ranges of the site that must not. */
  readonly others: readonly string[];
}

/**
 * Which source addresses belong behind which interface of a firewall.
 *
 * Zones stand in a row, so that a packet of a zone that the firewall does not join comes from the side of its
 * neighbour; one between two joined zones may come from either.
 */
export function interfaceSources(
  plan: NetworkPlan,
  { joins, interfaces }: PlanFirewall,
): readonly InterfaceSources[] {
  const row = plan.zones.map(({ name }) => name);
  const joined = row.filter((zone) => joins.includes(zone));
  const last = row.length - 1;
  return joined.flatMap((zone, at): InterfaceSources[] => {
    const interfaceName = interfaces[zone];
    if (interfaceName === undefined) return [];
    const before = joined[at - 1];
    const after = joined[at + 1];
    const from = before === undefined ? 0 : row.indexOf(before) + 1;
    const to = after === undefined ? last : row.indexOf(after) - 1;
    const isBehind = (index: number) => index >= from && index <= to;
    return [
      {
        zone,
        interfaceName,
        isOutside: isBehind(row.indexOf('internet')),
        own: plan.zones.filter((_, index) => isBehind(index)).flatMap(({ networks }) => networks),
        others: plan.zones
          .filter((_, index) => !isBehind(index))
          .flatMap(({ networks }) => networks),
      },
    ];
  });
}
