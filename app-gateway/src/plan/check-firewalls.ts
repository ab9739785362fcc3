import type { NetworkSettings } from '../config/network-schema.ts';
import type { SettingPath } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import { legsOf, pathBetween } from './firewall-paths.ts';
import type { ZoneName } from './network-plan.ts';
import { type PlanFinding, planError } from './plan-draft.ts';
import { ZONES_OF_LAYOUT } from './zone-map.ts';

/** Whether firewalls join the layout's zones, and no way between two of them leads past what should guard it. */
export function checkFirewalls(site: SiteFile, network: NetworkSettings): readonly PlanFinding[] {
  const zones = ZONES_OF_LAYOUT[site.layout];
  const names = network.firewalls.map(({ name }) => name);
  return [
    ...network.firewalls.flatMap((firewall, at) => legs(site, firewall, at)),
    ...names
      .filter((name, at) => names.indexOf(name) < at)
      .map((name) => planError(['network', 'firewalls'], `${name} is listed twice`)),
    ...ways(network, zones),
  ];
}

function legs(
  { layout }: SiteFile,
  { joins, interfaces, name }: NetworkSettings['firewalls'][number],
  at: number,
): readonly PlanFinding[] {
  const path: SettingPath = ['network', 'firewalls', at];
  const zones = ZONES_OF_LAYOUT[layout];
  const used = Object.values(interfaces);
  return [
    ...joins
      .filter((zone) => !zones.includes(zone))
      .map((zone) => planError([...path, 'joins'], `layout ${layout} has no ${zone}`)),
    ...(new Set(joins).size < joins.length
      ? [planError([...path, 'joins'], `${name} joins a zone with itself: name each zone once`)]
      : []),
    ...Object.keys(interfaces)
      .filter((zone) => !joins.some((each) => each === zone))
      .map((zone) => planError([...path, 'interfaces'], `${name} does not join ${zone}`)),
    ...(new Set(used).size < used.length
      ? [planError([...path, 'interfaces'], 'the same interface stands for two zones')]
      : []),
  ];
}

/** Between two zones lie the zones between them, and no other: else what passes is seen where it does not belong. */
function ways(network: NetworkSettings, zones: readonly ZoneName[]): readonly PlanFinding[] {
  const all = legsOf(network, zones);
  const path: SettingPath = ['network', 'firewalls'];
  return zones.flatMap((from, first) =>
    zones.slice(first + 1).flatMap((to) => {
      const way = pathBetween(all, from, to);
      if (way === undefined) {
        return from === 'internet'
          ? [planError(path, `none leads from the internet to ${to}`)]
          : [];
      }
      const last = zones.indexOf(to);
      const astray = way.find(
        (step) => zones.indexOf(step.to) < first || zones.indexOf(step.to) > last,
      );
      return astray === undefined
        ? []
        : [
            planError(
              path,
              `the way from ${from} to ${to} leads through ${astray.to}, which does not lie between them: name a firewall that joins ${astray.from} and ${zones[zones.indexOf(astray.from) + 1] ?? to}`,
            ),
          ];
    }),
  );
}
