import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import type { GatewayNode, Site, SiteCommunity } from '../../config/site.ts';
import type { CommunityTraffic } from './community-connection.ts';
import { HostLink, type HostLinkOptions } from './host-link.ts';

/** What is told of links. */
type Told = Pick<HostLinkOptions, 'changed' | 'lost'>;

/** Tells it in the log. */
export function toldIn(log: Logger): Told {
  return {
    changed: ({ key }, event, reason) => {
      const isGood = event === 'community-host-connected' || event === 'community-host-up';
      log[isGood ? 'info' : 'warn'](event, { host: key, reason });
    },
    lost: ({ key }, lost) => log.warn('community-connection-lost', { host: key, ...lost }),
  };
}

/** The links to all hosts of all communities: one each, for as long as the site names that host. */
export class HostLinks {
  readonly #traffic: CommunityTraffic;
  readonly #index: MessageIndex;
  readonly #random: () => number;
  readonly #told: Told;
  #links: ReadonlyMap<string, HostLink> = new Map();

  constructor(traffic: CommunityTraffic, index: MessageIndex, random: () => number, told: Told) {
    this.#traffic = traffic;
    this.#index = index;
    this.#random = random;
    this.#told = told;
  }

  /** Links for a site: old ones with their connection where it has the host already, else new ones, not started. */
  linksFor(site: Site, node: GatewayNode): readonly HostLink[] {
    const links = new Map<string, HostLink>();
    for (const community of site.communities) {
      const anchors = certificatesOfPem(community.caPem);
      for (const host of community.hosts) {
        const key = `${community.id}/${host.host}:${host.port}`;
        const options = { ...this.#options(community, host, node), anchors };
        const known = this.#links.get(key);
        known?.renew(options);
        links.set(key, known ?? new HostLink(options, this.#traffic, this.#index));
      }
    }
    this.#links = links;
    return [...links.values()];
  }

  #options(
    community: SiteCommunity,
    host: SiteCommunity['hosts'][number],
    node: GatewayNode,
  ): Omit<HostLinkOptions, 'anchors'> {
    return {
      community: community.id,
      host: host.host,
      port: host.port,
      serverName: host.serverName ?? host.host,
      identity: community.identity,
      probe: community.probe,
      innerHost: node.inner.advertise,
      innerPort: node.inner.port,
      random: this.#random,
      ...this.#told,
    };
  }
}
