import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import {
  exampleSite,
  type SiteDraft,
  standalone,
} from '../../app-gateway/plan/site-on-a-network.ts';
import { INNER_NAME, sallyport, siteFileOf } from './zone-site.ts';

/** The example site with what real servers need to speak with each other. */
export function workingSite(): SiteDraft {
  const site = exampleSite();
  site.siem = [];
  site.communities[0].hosts = [{ host: '10.3.0.40', port: 5081 }];
  return withRealServers(site);
}

/** A machine preset as the command line writes it, with what real servers need to speak with each other. */
export async function presetSite(name: string): Promise<SiteDraft> {
  const folder = mkdtempSync(join(tmpdir(), 'preset-'));
  await sallyport('plan', '--preset', name, '--out', join(folder, 'example'));
  const text = readFileSync(join(folder, 'example/site/site.yaml'), 'utf8');
  rmSync(folder, { recursive: true });
  const { parsed, problems } = parseSite({ file: 'site.yaml', text }, []);
  assert.ok(parsed !== undefined, JSON.stringify(problems));
  // What is undefined is not written.
  const content: unknown = JSON.parse(JSON.stringify(parsed.site.content));
  return withRealServers(content as SiteDraft);
}

function withRealServers(site: SiteDraft): SiteDraft {
  // A test machine grants fewer open files than a balancer of its own has.
  site.limits = { connectionsMax: 2000 };
  site.identities[0].serverNames = siteFileOf(site).domains;
  for (const community of site.communities) {
    for (const host of community.hosts) host.serverName = INNER_NAME;
    community.ca = 'communities/inner-ca.crt';
    community.probe = { intervalMs: 1000 };
  }
  return site;
}

/** Two proxies dial the gateways, where firewall policy demands it. */
export function outsideInSite(): SiteDraft {
  const site = workingSite();
  site.channel = { dial: 'outside-in' };
  for (const proxy of site.proxies) delete proxy.channel;
  for (const [at, gateway] of site.gateways.entries()) {
    gateway.channel = { host: `10.2.0.2${at + 1}`, port: 7443 };
  }
  return site;
}

/** Packet rules share partners among the proxies: no header tells them who comes. */
export function packetBalancerSite(): SiteDraft {
  const site = workingSite();
  Object.assign(site.network.balancers[0], { kind: 'nftables', mode: 'pass-through' });
  for (const [at, host] of ['192.0.2.11', '192.0.2.12'].entries()) {
    site.proxies[at].listen = [{ host, port: 5061 }];
    site.proxies[at].health = { host, port: 8081 };
  }
  return site;
}

/** The first site with the gateways in the intranet. */
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
