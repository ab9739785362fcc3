import type { Community, Partner, SiteView } from '../domain/site-view.ts';
import type { GatewayNode, Site } from './site.ts';

/**
 * The site as the routing core of one gateway sees it.
 *
 * `formerNames` are inner names (`host:port`) that this gateway had before a reload: dialogs that began then have
 * them in their routes.
 */
export function siteViewOf(
  site: Site,
  gateway: GatewayNode,
  formerNames: Iterable<string> = [],
): SiteView {
  const communities: readonly Community[] = site.communities;
  const partners: readonly Partner[] = site.partners.map((partner) => ({
    id: partner.id,
    domains: partner.domains,
    methods: new Set(partner.methods),
    connectionReuse: partner.connectionReuse,
  }));
  return {
    publicHost: site.public.host,
    publicPort: site.public.port,
    innerHost: gateway.inner.advertise,
    innerPort: gateway.inner.port,
    innerNames: new Set([...formerNames, ...[...site.gateways, gateway].map(innerName)]),
    ownDomains: new Set(site.domains),
    communityByDomain: byDomain(communities),
    communityById: new Map(communities.map((community) => [community.id, community])),
    partnerByDomain: byDomain(partners),
    partnerById: new Map(partners.map((partner) => [partner.id, partner])),
  };
}

/** How inner servers name a gateway in a route. */
export function innerName({ inner }: GatewayNode): string {
  return `${inner.advertise}:${inner.port}`;
}

function byDomain<T extends { readonly domains: readonly string[] }>(
  entries: readonly T[],
): ReadonlyMap<string, T> {
  return new Map(
    entries.flatMap((entry) => entry.domains.map((domain) => [domain, entry] as const)),
  );
}
