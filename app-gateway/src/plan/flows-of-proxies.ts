import type { NetworkSettings } from '../config/network-schema.ts';
import type { SettingPath } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import { isBalanced } from './flows-of-balancers.ts';
import type { PlanHost } from './network-plan.ts';
import {
  ANYONE,
  hostEnd,
  isOutside,
  networksEnd,
  PARTNERS,
  type PlanDraft,
  reachableAddresses,
} from './plan-draft.ts';
import { isPrivate, spelt } from './zone-map.ts';

type ProxyFile = SiteFile['proxies'][number];
type ListenFile = ProxyFile['listen'][number];

const PLAIN_PARTNERS = 'partners connect (plain SIP over TCP)';

/** What partners open to the proxies, and what proxies open to partners and name servers. */
export function flowsOfProxies(draft: PlanDraft, site: SiteFile, network: NetworkSettings): void {
  for (const [at, proxy] of site.proxies.entries()) {
    const host = draft.hostOfNode(proxy.node);
    if (host === undefined) continue;
    listeners(draft, network, proxy, host, at);
    outwards(draft, site, network, proxy, host, at);
  }
}

function listeners(
  draft: PlanDraft,
  network: NetworkSettings,
  proxy: ProxyFile,
  host: PlanHost,
  at: number,
): void {
  for (const [index, listen] of proxy.listen.entries()) {
    const path: SettingPath = ['proxies', at, 'listen', index];
    const purpose = listen.transport === 'tcp' ? PLAIN_PARTNERS : PARTNERS;
    draft.socket(host, listen.host, listen.port, purpose);
    if (isBalanced(network, proxy, listen, host)) continue;
    const addresses = reachableAddresses(host, listen.host);
    if (addresses.length === 0) continue;
    if (listen.nat === undefined && addresses.every(isPrivate)) {
      draft.error(
        path,
        `${addresses.join(', ')} is private, so no partner can address it: name the public address with nat: {address, port}, or put a balancer in front`,
      );
      continue;
    }
    if (listen.proxyProtocolFrom.length > 0) {
      draft.warning(
        path,
        'proxyProtocolFrom names a balancer that network.balancers does not: its rules cannot be planned',
      );
    }
    draft.flow({
      kind: listen.transport === 'tcp' ? 'partners-plain' : 'partners',
      purpose,
      from: partnersOf(draft, network, listen, path),
      to: hostEnd(host, addresses),
      protocol: 'tcp',
      port: listen.port,
      newPerSourcePerSecond: network.newPerSourcePerSecond,
      isLongLived: true,
      path,
      ...(listen.nat === undefined ? {} : { nat: listen.nat }),
    });
  }
}

/** Whom a listener is for: anyone, but plain TCP for the networks of partners that speak it alone. */
function partnersOf(
  draft: PlanDraft,
  network: NetworkSettings,
  listen: ListenFile,
  path: SettingPath,
) {
  if (listen.transport !== 'tcp') return ANYONE;
  if (network.plainTcpFrom.length === 0) {
    draft.error(
      path,
      'is plain SIP over TCP, and network.plainTcpFrom is empty: name the networks of the partners that speak it',
    );
  }
  return networksEnd('internet', network.plainTcpFrom);
}

/** Partners at the ports that the site allows, and the name servers. */
function outwards(
  draft: PlanDraft,
  site: SiteFile,
  network: NetworkSettings,
  proxy: ProxyFile,
  host: PlanHost,
  at: number,
): void {
  const facing = proxy.listen.flatMap((listen) => reachableAddresses(host, listen.host));
  for (const port of network.partnerPorts) {
    draft.flow({
      kind: 'to-partners',
      purpose: 'we connect to partners',
      from: hostEnd(host, [...new Set(facing)]),
      to: ANYONE,
      protocol: 'tcp',
      port,
      isLongLived: true,
      path: ['network', 'partnerPorts'],
    });
  }
  if (site.nameservers.length === 0 && at === 0) {
    draft.warning(
      ['nameservers'],
      'is empty: proxies ask whatever server their host is set to, and no rule lets them; name the servers',
    );
  }
  for (const [index, text] of site.nameservers.entries()) {
    const path: SettingPath = ['nameservers', index];
    const { address, port } = nameserver(text);
    const server = draft.hostAt(address, 'nameserver', path);
    if (server === undefined || !isOutside(draft, host, server, 'DNS', path)) continue;
    for (const protocol of ['udp', 'tcp'] as const) {
      draft.socket(server, address, port, 'DNS', protocol);
      const to = hostEnd(server, [spelt(address)]);
      const from = hostEnd(host);
      draft.flow({ kind: 'dns', purpose: 'DNS', from, to, protocol, port, path });
    }
  }
}

function nameserver(text: string): { address: string; port: number } {
  const split = /^(?:\[([^\]]+)\]|(\d+(?:\.\d+){3})):(\d+)$/.exec(text);
  const address = split?.[1] ?? split?.[2];
  return address === undefined
    ? { address: text, port: 53 }
    : { address, port: Number(split?.[3]) };
}
