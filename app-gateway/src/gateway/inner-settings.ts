import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import type { InnerSettings, KnownCommunity } from '../adapters/community/inner-listener.ts';
import type { GatewayNode, Site, SiteCommunity } from '../config/site.ts';

/** What the port towards our inner servers is opened with. */
export function innerSettings(site: Site, node: GatewayNode): InnerSettings {
  const { identity } = site.communities[0] as SiteCommunity;
  const { host, port } = node.inner;
  return { host, port, identity, communities: knownCommunities(site) };
}

function knownCommunities(site: Site): readonly KnownCommunity[] {
  return site.communities.map((community) => ({
    id: community.id,
    anchors: certificatesOfPem(community.caPem),
    names: [
      ...community.hosts.flatMap((host) => [host.serverName ?? host.host, host.host]),
      ...community.domains,
    ],
  }));
}
