import type { NetworkSettings } from '../config/network-schema.ts';
import type { SettingPath } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import { checkFirewalls } from './check-firewalls.ts';
import type { ZoneName } from './network-plan.ts';
import { type PlanFinding, planError } from './plan-draft.ts';
import { isLoopback, isSpecial, overlaps, spelt, ZONES_OF_LAYOUT, ZoneMap } from './zone-map.ts';

/** Whether hosts and firewalls are what the layout asks for. */
export function checkInventory(site: SiteFile, network: NetworkSettings): readonly PlanFinding[] {
  return [
    ...checkHosts(network),
    ...checkNames(network),
    ...checkNodes(site, network),
    ...checkFirewalls(site, network),
  ];
}

/** Whether the zones are the layout's: without them nothing else means anything. */
export function checkZones(
  { layout }: SiteFile,
  { zones }: NetworkSettings,
): readonly PlanFinding[] {
  const expected = ZONES_OF_LAYOUT[layout].slice(1);
  const ranges = zones.flatMap(({ zone, networks }, at) =>
    networks.map((network, index) => ({
      zone,
      network,
      path: ['network', 'zones', at, 'networks', index] as const,
    })),
  );
  return [
    ...zones.flatMap(({ zone }, at) => {
      const path: SettingPath = ['network', 'zones', at, 'zone'];
      if (!expected.includes(zone)) {
        return [planError(path, `layout ${layout} has no ${zone}: it has ${expected.join(', ')}`)];
      }
      const isSecond = zones.findIndex((other) => other.zone === zone) < at;
      return isSecond ? [planError(path, `${zone} is listed twice: join their networks`)] : [];
    }),
    ...expected
      .filter((zone) => !zones.some((each) => each.zone === zone))
      .map((zone) =>
        planError(['network', 'zones'], `${zone} is missing: layout ${layout} has it`),
      ),
    ...ranges.flatMap(({ network, zone, path }) =>
      isSpecial(network.split('/')[0] ?? '') || network.endsWith('/0')
        ? [planError(path, `${network} is no network of ${zone}: its addresses mean no host there`)]
        : [],
    ),
    ...ranges.flatMap(({ network, zone, path }, at) =>
      ranges
        .slice(0, at)
        .filter((earlier) => overlaps(earlier.network, network))
        .map((earlier) =>
          planError(
            path,
            `${network} of ${zone} overlaps ${earlier.network} of ${earlier.zone}: a packet must tell its zone`,
          ),
        ),
    ),
  ];
}

function checkHosts(network: NetworkSettings): readonly PlanFinding[] {
  const zones = zoneMap(network);
  const named = [
    ...network.hosts.map((host, at) => ({ host, path: ['network', 'hosts', at] })),
    ...network.balancers.map((host, at) => ({ host, path: ['network', 'balancers', at] })),
  ] satisfies { host: unknown; path: SettingPath }[];
  return named.flatMap(({ host, path }, at) => {
    const earlier = named.slice(0, at).map((other) => other.host);
    const addresses = host.addresses.map(spelt);
    const standing = [...new Set(addresses.map((address) => zones.zoneOf(address)))];
    return [
      ...(earlier.some(({ name }) => name === host.name)
        ? [planError([...path, 'name'], `${host.name} is the name of another host as well`)]
        : []),
      ...addresses.flatMap((address, index) => {
        const other = earlier.find((each) => each.addresses.map(spelt).includes(address));
        const at = [...path, 'addresses', index];
        if (other !== undefined)
          return [planError(at, `${address} is an address of ${other.name}`)];
        if (isLoopback(address)) return [planError(at, `${address} is reached on the host alone`)];
        return isSpecial(address) ? [planError(at, `${address} is no address of one host`)] : [];
      }),
      ...(standing.length > 1
        ? [
            planError(
              [...path, 'addresses'],
              `${host.name} stands in ${standing.join(' and ')}: a host with legs in two zones is a way around the firewall`,
            ),
          ]
        : []),
    ];
  });
}

function checkNames({ hosts }: NetworkSettings): readonly PlanFinding[] {
  const all = hosts.flatMap(({ name: host, names }, at) =>
    names.map((name, index) => ({ host, name, path: ['network', 'hosts', at, 'names', index] })),
  );
  return all.flatMap(({ name, path }, at) => {
    const other = all.slice(0, at).find((each) => each.name === name);
    return other === undefined
      ? []
      : [planError(path, `${name} is a name of ${other.host} as well: a name must mean one host`)];
  });
}

function checkNodes(site: SiteFile, network: NetworkSettings): readonly PlanFinding[] {
  const zones = zoneMap(network);
  const proxies = new Set(site.proxies.map(({ node }) => node));
  const nodes = [...site.proxies, ...site.gateways].map(({ node }) => node);
  const listed = network.hosts.flatMap(({ nodes: own }, at) =>
    own.map((node, index) => ({ node, path: ['network', 'hosts', at, 'nodes', index] })),
  );
  return [
    ...listed
      .filter(({ node }) => !nodes.includes(node))
      .map(({ node, path }) => planError(path, `${node} is no proxy and no gateway of this site`)),
    ...listed
      .filter(({ node }, at) => listed.findIndex((other) => other.node === node) < at)
      .map(({ node, path }) => planError(path, `${node} runs on another host already`)),
    ...nodes
      .filter((node) => !listed.some((each) => each.node === node))
      .map((node) => planError(['network', 'hosts'], `none has ${node} among its nodes`)),
    ...network.hosts.flatMap(({ nodes: own, addresses, name }, at) => {
      const path: SettingPath = ['network', 'hosts', at];
      const zone = zones.zoneOf(spelt(addresses[0] ?? ''));
      const hasProxy = own.some((node) => proxies.has(node));
      const hasGateway = own.some((node) => nodes.includes(node) && !proxies.has(node));
      return placement(site.layout, { name, zone, hasProxy, hasGateway }).map((message) =>
        planError(path, message),
      );
    }),
  ];
}

interface Placed {
  readonly name: string;
  readonly zone: ZoneName;
  readonly hasProxy: boolean;
  readonly hasGateway: boolean;
}

const PROXY_ZONE = { 'dual-dmz': 'outer-dmz', 'single-dmz': 'dmz', standalone: 'dmz' } as const;
const GATEWAY_ZONE = {
  'dual-dmz': 'inner-dmz',
  'single-dmz': 'intranet',
  standalone: 'dmz',
} as const;

/** What must stand where (DESIGN §1); in the other layouts a proxy that shares its host with a gateway is no border. */
function placement(layout: SiteFile['layout'], placed: Placed): readonly string[] {
  const { name, zone, hasProxy, hasGateway } = placed;
  const messages: string[] = [];
  const [forProxy, forGateway] = [PROXY_ZONE[layout], GATEWAY_ZONE[layout]];
  if (hasProxy && zone !== forProxy) {
    messages.push(
      `${name} has a proxy and stands in ${zone}: with ${layout} proxies stand in ${forProxy}`,
    );
  }
  if (hasGateway && zone !== forGateway) {
    messages.push(
      `${name} has a gateway and stands in ${zone}: with ${layout} gateways stand in ${forGateway}`,
    );
  }
  if (layout === 'standalone') {
    if (hasProxy !== hasGateway) {
      messages.push(`${name} has only one of proxy and gateway: with standalone they share a host`);
    }
  } else if (hasProxy && hasGateway) {
    messages.push(
      `${name} has a proxy and a gateway: who takes the one has the other; give each a host, or choose layout standalone`,
    );
  }
  return messages;
}

function zoneMap(network: NetworkSettings): ZoneMap {
  return new ZoneMap(network.zones.map(({ zone, networks }) => ({ name: zone, networks })));
}
