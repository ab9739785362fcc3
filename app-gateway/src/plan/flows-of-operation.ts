import type { NetworkSettings } from '../config/network-schema.ts';
import type { SettingPath } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import type { PlanHost, ZoneName } from './network-plan.ts';
import {
  hostEnd,
  isOutside,
  networksEnd,
  type PlanDraft,
  reachableAddresses,
} from './plan-draft.ts';
import { isOurs } from './verdict.ts';
import { overlaps, spelt } from './zone-map.ts';

/** What every host needs, and what only the site's operator knows about: time, administration, monitoring, services. */
export function flowsOfOperation(draft: PlanDraft, site: SiteFile, network: NetworkSettings): void {
  const ours = draft.hosts.filter(isOurs);
  const proxies = new Set(site.proxies.map(({ node }) => node));
  time(draft, network, ours);
  for (const [at, service] of network.services.entries()) {
    const path: SettingPath = ['network', 'services', at];
    const role = service.kind === 'directory' ? 'directory' : 'service';
    const server = draft.hostAt(service.addresses[0] ?? '', role, path);
    if (server === undefined) continue;
    const addresses = service.addresses.map(spelt);
    const zones = [...new Set(addresses.map((address) => draft.zones.zoneOf(address)))];
    if (zones.length > 1) {
      draft.error(path, `${service.name} stands in ${zones.join(' and ')}: list it once for each`);
      continue;
    }
    for (const address of addresses) {
      draft.socket(server, address, service.port, service.name, service.protocol);
    }
    for (const host of ours) {
      const isProxy = host.nodes.some((node) => proxies.has(node));
      const isGateway = host.nodes.some((node) => !proxies.has(node));
      const uses = { all: true, proxies: isProxy, gateways: isGateway }[service.usedBy];
      if (!uses || host.name === server.name) continue;
      if (!isOutside(draft, host, server, service.name, path)) continue;
      const to = hostEnd(server, addresses);
      const { protocol, port, name: purpose } = service;
      const kind = SERVICE_FLOWS[service.kind];
      draft.flow({ kind, purpose, from: hostEnd(host), to, protocol, port, path });
    }
  }
  administration(draft, network, ours);
  monitoring(draft, site, network);
}

const SERVICE_FLOWS = { directory: 'directory', web: 'web', other: 'service' } as const;

/** Each host asks those servers that do not stand further inside than itself. */
function time(draft: PlanDraft, { timeServers }: NetworkSettings, ours: readonly PlanHost[]): void {
  const setting: SettingPath = ['network', 'timeServers'];
  const servers = timeServers.flatMap((address, at) => {
    const server = draft.hostAt(address, 'time-server', [...setting, at]);
    if (server !== undefined) draft.socket(server, address, 123, 'time', 'udp');
    return server === undefined ? [] : [{ server, address: spelt(address) }];
  });
  for (const host of ours) {
    const reachable = servers.filter(
      ({ server }) =>
        host.name !== server.name &&
        (host.roles.includes('gateway') || !draft.zones.isInwards(host.zone, server.zone)),
    );
    if (servers.length > 0 && reachable.length === 0) {
      draft.error(
        setting,
        `${host.name} has none: a rule from ${host.zone} further inside would be a way in; name one that stands in ${host.zone} or outside of it`,
      );
    }
    for (const { server, address } of reachable) {
      draft.flow({
        kind: 'time',
        purpose: 'time',
        from: hostEnd(host),
        to: hostEnd(server, [address]),
        protocol: 'udp',
        port: 123,
        path: setting,
      });
    }
  }
}

function administration(
  draft: PlanDraft,
  { administration: settings }: NetworkSettings,
  ours: readonly PlanHost[],
): void {
  if (settings === undefined) return;
  for (const [at, from] of settings.networks.entries()) {
    const path: SettingPath = ['network', 'administration', 'networks', at];
    const zone = zoneOfNetwork(draft, from, path);
    if (zone === undefined || !isFromInside(draft, from, zone, ours, path)) continue;
    for (const host of ours) {
      for (const address of host.addresses) {
        draft.socket(host, address, settings.port, 'administration (SSH)');
      }
      draft.flow({
        kind: 'administration',
        purpose: 'administration (SSH)',
        from: networksEnd(zone, [from]),
        to: hostEnd(host),
        protocol: 'tcp',
        port: settings.port,
        path,
      });
    }
  }
}

function monitoring(
  draft: PlanDraft,
  site: SiteFile,
  { monitoring: settings }: NetworkSettings,
): void {
  const ours = draft.hosts.filter(isOurs);
  const watching = (settings?.networks ?? []).flatMap((from, at) => {
    const path: SettingPath = ['network', 'monitoring', 'networks', at];
    const zone = zoneOfNetwork(draft, from, path);
    if (zone === undefined || !isFromInside(draft, from, zone, ours, path)) return [];
    return [{ from, zone, path }];
  });
  for (const { node, health } of [...site.proxies, ...site.gateways]) {
    const host = draft.hostOfNode(node);
    if (host === undefined) continue;
    draft.socket(host, health.host, health.port, 'health and metrics');
    const addresses = reachableAddresses(host, health.host);
    if (addresses.length === 0) continue;
    for (const { from, zone, path } of watching) {
      draft.flow({
        kind: 'monitoring',
        purpose: 'health and metrics',
        from: networksEnd(zone, [from]),
        to: hostEnd(host, addresses),
        protocol: 'tcp',
        port: health.port,
        path,
      });
    }
  }
}

/** Zone of those who administer or watch: one of the site's own, never the internet. */
function zoneOfNetwork(draft: PlanDraft, network: string, path: SettingPath) {
  const zone = draft.zones.zoneHolding(network);
  if (zone !== undefined) return zone;
  draft.error(
    path,
    `${network} is in no zone of this site, or not as a whole: hosts are administered and watched from inside; name a network within one of a zone’s`,
  );
  return undefined;
}

/** Who takes a host that partners reach must not administer or watch any other one. */
function isFromInside(
  draft: PlanDraft,
  network: string,
  zone: ZoneName,
  ours: readonly PlanHost[],
  path: SettingPath,
): boolean {
  const outer = ours.filter(({ roles }) => roles.includes('proxy') || roles.includes('balancer'));
  const within = outer.find(({ addresses }) => addresses.some((own) => overlaps(network, own)));
  const further = ours.find((host) => draft.zones.isInwards(zone, host.zone));
  if (within === undefined && further === undefined) return true;
  const why =
    within === undefined
      ? `stands in ${zone}, and ${further?.name} further inside`
      : `holds ${within.name} itself`;
  draft.error(
    path,
    `${network} ${why}: who takes a host that partners reach would have this way to others; name a network further inside`,
  );
  return false;
}
