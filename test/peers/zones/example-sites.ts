import {
  exampleSite,
  type SiteDraft,
  standalone,
} from '../../app-gateway/plan/site-on-a-network.ts';
import { INNER_NAME } from './zone-site.ts';

/** The example site with what real servers need to speak with each other. */
export function workingSite(): SiteDraft {
  const site = exampleSite();
  site.siem = [];
  site.identities[0].serverNames = site.domains;
  site.communities[0].hosts = [{ host: '10.3.0.40', port: 5081, serverName: INNER_NAME }];
  site.communities[0].ca = 'communities/inner-ca.crt';
  site.communities[0].probe = { intervalMs: 1000 };
  return site;
}

/** The same with the gateways in the intranet. */
export function singleDmzSite(): SiteDraft {
  const site = workingSite();
  site.layout = 'single-dmz';
  site.network.zones = [
    { zone: 'dmz', networks: ['192.0.2.0/24', '10.1.0.0/24', '2001:db8:1::/64'] },
    { zone: 'intranet', networks: ['10.2.0.0/24', '10.3.0.0/16'] },
  ];
  return site;
}

/** Proxy and gateway on one host, behind an address that a firewall translates. */
export function standaloneSite(): SiteDraft {
  const site = workingSite();
  standalone(site);
  site.network.balancers = [];
  site.proxies[0].listen = [
    { host: '10.1.0.11', port: 15_061, nat: { address: '203.0.113.9', port: 5061 } },
  ];
  site.proxies[0].health = { host: '127.0.0.1', port: 8081 };
  return site;
}
