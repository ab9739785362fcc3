import type { SettingPath } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import type { PlanFlow, PlanHost } from './network-plan.ts';
import { hostEnd, type PlanDraft, reachableAddresses } from './plan-draft.ts';
import { isLoopback, spelt } from './zone-map.ts';

/** The channels, and what gateways and the servers around them open to each other. */
export function flowsOfGateways(draft: PlanDraft, site: SiteFile): void {
  const gateways = site.gateways.flatMap((gateway, at) => {
    const host = draft.hostOfNode(gateway.node);
    return host === undefined ? [] : [{ gateway, host, at }];
  });
  for (const { gateway, host } of gateways) {
    draft.socket(host, gateway.inner.host, gateway.inner.port, 'inner servers connect');
  }
  if (site.channel.dial === 'inside-out') channelsOutwards(draft, site, gateways);
  else channelsInwards(draft, site, gateways);
  communities(draft, site, gateways);
  database(draft, site, gateways);
  for (const [at, siem] of site.siem.entries()) {
    const path: SettingPath = ['siem', at, 'host'];
    const server = draft.hostAt(siem.host, 'siem', path);
    if (server === undefined) continue;
    const why = { kind: 'siem', purpose: 'audit ledger to the SIEM' } as const;
    toServer(draft, gateways, server, siem.host, siem.port, why, path);
  }
}

type Gateways = readonly {
  readonly gateway: SiteFile['gateways'][number];
  readonly host: PlanHost;
  readonly at: number;
}[];

function channelsOutwards(draft: PlanDraft, site: SiteFile, gateways: Gateways): void {
  for (const [at, proxy] of site.proxies.entries()) {
    const host = draft.hostOfNode(proxy.node);
    if (host === undefined || proxy.channel === undefined) continue;
    const path: SettingPath = ['proxies', at, 'channel', 'host'];
    const address = ownAddress(draft, host, proxy.channel.host, path);
    if (address === undefined) continue;
    const { port } = proxy.channel;
    const lastPort = port + proxy.workers - 1;
    for (let each = port; each <= lastPort; each += 1) {
      draft.socket(host, address, each, 'channel, dialled by gateways');
    }
    for (const { host: from } of gateways) {
      channel(draft, from, host, address, port, lastPort, path);
    }
  }
}

function channelsInwards(draft: PlanDraft, site: SiteFile, gateways: Gateways): void {
  for (const { gateway, host, at } of gateways) {
    if (gateway.channel === undefined) continue;
    const path: SettingPath = ['gateways', at, 'channel', 'host'];
    const address = ownAddress(draft, host, gateway.channel.host, path);
    if (address === undefined) continue;
    const { port } = gateway.channel;
    draft.socket(host, address, port, 'channel, dialled by proxies');
    for (const proxy of site.proxies) {
      const from = draft.hostOfNode(proxy.node);
      if (from !== undefined) channel(draft, from, host, address, port, port, path);
    }
  }
}

function channel(
  draft: PlanDraft,
  from: PlanHost,
  to: PlanHost,
  address: string,
  port: number,
  lastPort: number,
  path: SettingPath,
): void {
  if (from.name === to.name) return;
  if (isLoopback(address)) {
    draft.error(path, `${address} is reached on ${to.name} alone, and ${from.name} must dial it`);
    return;
  }
  draft.flow({
    kind: 'channel',
    purpose: 'channel',
    from: hostEnd(from),
    to: hostEnd(to, [address]),
    protocol: 'tcp',
    port,
    lastPort,
    isLongLived: true,
    path,
  });
}

/** The address that a setting of a node means; it must be one of its host's. */
function ownAddress(
  draft: PlanDraft,
  host: PlanHost,
  text: string,
  path: SettingPath,
): string | undefined {
  if (isLoopback(text)) return spelt(text);
  const address = spelt(text);
  if (host.addresses.includes(address)) return address;
  const named = draft.addressNamed(host, text);
  if (named !== undefined) return named;
  draft.error(path, `${text} is no address of ${host.name} (${host.addresses.join(', ')})`);
  return undefined;
}

function communities(draft: PlanDraft, site: SiteFile, gateways: Gateways): void {
  for (const [at, community] of site.communities.entries()) {
    for (const [index, { host, port }] of community.hosts.entries()) {
      const path: SettingPath = ['communities', at, 'hosts', index];
      const server = draft.hostAt(host, 'community', path);
      if (server === undefined) continue;
      const purpose = `SIP with community ${community.id}`;
      const why = { kind: 'signalling-inside', purpose } as const;
      toServer(draft, gateways, server, host, port, why, path);
      for (const { gateway, host: ours, at: gatewayAt } of gateways) {
        const addresses = reachableAddresses(ours, gateway.inner.host);
        if (ours.name === server.name) continue;
        if (addresses.length === 0) {
          draft.error(
            ['gateways', gatewayAt, 'inner', 'host'],
            `${gateway.inner.host} is reached on ${ours.name} alone, and ${server.name} must dial it`,
          );
          continue;
        }
        draft.flow({
          ...why,
          from: hostEnd(server),
          to: hostEnd(ours, addresses),
          protocol: 'tcp',
          port: gateway.inner.port,
          isLongLived: true,
          path,
        });
      }
    }
  }
}

function database(draft: PlanDraft, { database: settings }: SiteFile, gateways: Gateways): void {
  if (settings?.kind !== 'postgresql' || settings.host.startsWith('/')) return;
  const path: SettingPath = ['database', 'host'];
  const server = draft.hostAt(settings.host, 'database', path);
  if (server === undefined) return;
  const why = { kind: 'database', purpose: 'database' } as const;
  toServer(draft, gateways, server, settings.host, settings.port, why, path);
}

function toServer(
  draft: PlanDraft,
  gateways: Gateways,
  server: PlanHost,
  text: string,
  port: number,
  why: Pick<PlanFlow, 'kind' | 'purpose'>,
  path: SettingPath,
): void {
  const asked = spelt(text);
  const addresses = server.addresses.includes(asked) ? [asked] : server.addresses;
  for (const address of addresses) draft.socket(server, address, port, why.purpose);
  for (const { host } of gateways) {
    if (host.name === server.name) continue;
    draft.flow({
      ...why,
      from: hostEnd(host),
      to: hostEnd(server, addresses),
      protocol: 'tcp',
      port,
      isLongLived: true,
      path,
    });
  }
}
