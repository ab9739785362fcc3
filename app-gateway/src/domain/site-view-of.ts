import { isEveryAddress } from '@sallyport/shared/net/every-address.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { transportTo } from '../config/plain-tcp.ts';
import type { GatewayNode, Site } from '../config/site.ts';
import { hostOf, OwnNames } from './own-names.ts';
import type { Community, Partner, SiteView } from './site-view.ts';

/** Names of ours from before a reload. */
export interface FormerNames {
  readonly inner: Iterable<string>;
  readonly outside: Iterable<string>;
}

/**
 * The site as the routing core of one gateway sees it.
 *
 * `former` are names (`host:port`) from before a reload: dialogs that began then have them in their routes.
 */
export function siteViewOf(
  site: Site,
  gateway: GatewayNode,
  former: FormerNames = { inner: [], outside: [] },
): SiteView {
  const communities: readonly Community[] = site.communities;
  const partners: readonly Partner[] = site.partners.map((partner) => ({
    id: partner.id,
    domains: partner.domains,
    methods: new Set(partner.methods),
    priorityNamespaces: new Set(partner.priorityNamespaces),
    connectionReuse: partner.connectionReuse,
    messagesPerSecond: partner.messagesPerSecond,
    messagesBurst: partner.messagesBurst,
    transport: transportTo(partner),
  }));
  const outsideNames = new Set([...former.outside, ...new OwnNames(site).all]);
  return {
    outsideNames,
    outsideHosts: new Set([...outsideNames].map(hostOf)),
    innerName: { hostPort: innerName(gateway), transport: 'tls' },
    innerHost: hostOf(innerName(gateway)),
    innerNames: new Set([...former.inner, ...[...site.gateways, gateway].map(innerName)]),
    innerAddresses: new Set(
      site.gateways.map(({ inner }) => inner.host).filter((host) => !isEveryAddress(host)),
    ),
    ownDomains: new Set(site.domains),
    communityByDomain: byDomain(communities),
    communityById: new Map(communities.map((community) => [community.id, community])),
    partnerByDomain: byDomain(partners),
    partnerById: new Map(partners.map((partner) => [partner.id, partner])),
    requestUriBytesMax: site.limits.requestUriBytesMax,
  };
}

/** How inner servers name a gateway in a route. */
function innerName({ inner }: GatewayNode): string {
  return hostPort(inner.advertise, inner.port);
}

function byDomain<T extends { readonly domains: readonly string[] }>(
  entries: readonly T[],
): ReadonlyMap<string, T> {
  return new Map(
    entries.flatMap((entry) => entry.domains.map((domain) => [domain, entry] as const)),
  );
}
