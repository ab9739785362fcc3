import assert from 'node:assert/strict';
import { parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import type { SiteProblem } from '@sallyport/app-gateway/config/site-problem.ts';
import type { SiteFile } from '@sallyport/app-gateway/config/site-schema.ts';
import { makePlan } from '@sallyport/app-gateway/plan/make-plan.ts';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';

/** Two proxies behind a balancer, two gateways, everything inside that a site can have; documentation addresses. */
const DUAL_DMZ = {
  name: 'acme',
  layout: 'dual-dmz',
  domains: ['acme.example'],
  public: {
    host: 'sip.acme.example',
  },
  identities: [
    {
      name: 'main',
      chain: 'identities/main.crt',
      key: 'identities/main.key',
    },
  ],
  nameservers: ['192.0.2.53'],
  proxies: [
    {
      node: 'edge-1',
      listen: [
        {
          host: '192.0.2.11',
          port: 5061,
          proxyProtocolFrom: ['192.0.2.5'],
        },
      ],
      health: {
        host: '192.0.2.11',
        port: 8081,
      },
      channel: {
        host: '10.1.0.11',
        port: 7443,
      },
      workers: 2,
    },
    {
      node: 'edge-2',
      listen: [
        {
          host: '192.0.2.12',
          port: 5061,
          proxyProtocolFrom: ['192.0.2.5/32'],
        },
        {
          host: '2001:db8:1::12',
          port: 5061,
        },
      ],
      channel: {
        host: '10.1.0.12',
        port: 7443,
      },
    },
  ],
  gateways: [
    {
      node: 'gateway-1',
      inner: {
        host: '10.2.0.21',
        port: 5071,
        advertise: '10.2.0.21',
      },
    },
    {
      node: 'gateway-2',
      inner: {
        host: '0.0.0.0',
        port: 5071,
        advertise: '10.2.0.22',
      },
    },
  ],
  communities: [
    {
      id: 'main',
      domains: ['acme.example'],
      hosts: [
        {
          host: 'sip1.acme.example',
          port: 5081,
        },
      ],
      ca: 'communities/ca.crt',
      identity: {
        chain: 'communities/gateway.crt',
        key: 'communities/gateway.key',
      },
    },
  ],
  database: {
    kind: 'postgresql',
    host: '10.3.0.30',
    passwordFile: 'database.password',
  },
  siem: [
    {
      name: 'siem',
      host: '10.3.0.50',
      format: 'cef',
      ca: 'siem.crt',
    },
  ],
  network: {
    zones: [
      {
        zone: 'outer-dmz',
        networks: ['192.0.2.0/24', '10.1.0.0/24', '2001:db8:1::/64'],
      },
      {
        zone: 'inner-dmz',
        networks: ['10.2.0.0/24'],
      },
      {
        zone: 'intranet',
        networks: ['10.3.0.0/16'],
      },
    ],
    hosts: [
      {
        name: 'edge-a',
        addresses: ['192.0.2.11', '10.1.0.11'],
        nodes: ['edge-1'],
      },
      {
        name: 'edge-b',
        addresses: ['192.0.2.12', '10.1.0.12', '2001:db8:1::12'],
        nodes: ['edge-2'],
      },
      {
        name: 'app-a',
        addresses: ['10.2.0.21'],
        nodes: ['gateway-1'],
      },
      {
        name: 'app-b',
        addresses: ['10.2.0.22'],
        nodes: ['gateway-2'],
      },
      {
        name: 'sip-server',
        addresses: ['10.3.0.40'],
        names: ['sip1.acme.example'],
      },
    ],
    balancers: [
      {
        name: 'balancer',
        addresses: ['192.0.2.5'],
        listen: {
          address: '192.0.2.5',
        },
        to: ['edge-1', 'edge-2'],
      },
    ],
    timeServers: ['10.3.0.60', '192.0.2.60'],
    administration: {
      networks: ['10.3.9.0/24'],
    },
    monitoring: {
      networks: ['10.3.8.0/24'],
    },
    services: [
      {
        name: 'directory',
        addresses: ['10.3.0.70'],
        port: 636,
        usedBy: 'gateways',
      },
    ],
  },
};

/** A site file as an object of which a test may change any setting, right or wrong. */
// biome-ignore lint/suspicious/noExplicitAny: what is below a setting is the test's own.
export type SiteDraft = { [Setting in keyof SiteFile]?: any };

/** The example site file, each time a fresh one. */
export function exampleSite(): SiteDraft {
  return structuredClone<SiteDraft>(DUAL_DMZ);
}

/** The plan of the example site after a change; fails the test where there is none. */
export function planned(change: (site: SiteDraft) => void = () => undefined): NetworkPlan {
  const made = planOf(change);
  assert.ok(made.ok, made.ok ? '' : made.error.map(({ message }) => message).join('\n'));
  return made.value.plan;
}

/** Errors and warnings of the example site after a change, as `setting: message`. */
export function problems(change: (site: SiteDraft) => void): readonly string[] {
  const made = planOf(change);
  const told = (each: SiteProblem) => `${each.path}: ${each.message}`;
  return (made.ok ? made.value.warnings : made.error).map(told);
}

/** Whether the example site is refused after a change, with its problems. */
export function planOf(change: (site: SiteDraft) => void) {
  const site = exampleSite();
  change(site);
  const { parsed, problems: found } = parseSite(
    { file: 'site.yaml', text: JSON.stringify(site) },
    [],
  );
  assert.ok(parsed !== undefined, found.map(({ path, message }) => `${path}: ${message}`).join());
  return makePlan(parsed);
}

/** Proxy and gateway of the example on one host. */
/** A service that is asked by UDP, and that no question is known for. */
export function syslogByUdp(site: SiteDraft): void {
  site.network.hosts.push({ name: 'siem', addresses: ['10.3.0.80'] });
  site.network.services.push({
    name: 'syslog',
    addresses: ['10.3.0.80'],
    protocol: 'udp',
    port: 514,
    usedBy: 'gateways',
  });
}

export function standalone(site: SiteDraft): void {
  site.layout = 'standalone';
  site.proxies.length = 1;
  site.gateways.length = 1;
  site.proxies[0].channel.host = '127.0.0.1';
  site.gateways[0].inner.host = '10.1.0.11';
  site.network.zones = [
    { zone: 'dmz', networks: ['192.0.2.0/24', '10.1.0.0/24'] },
    { zone: 'intranet', networks: ['10.3.0.0/16'] },
  ];
  site.network.hosts = [
    { name: 'edge-a', addresses: ['192.0.2.11', '10.1.0.11'], nodes: ['edge-1', 'gateway-1'] },
    site.network.hosts[4],
  ];
  site.network.balancers[0].to = ['edge-1'];
}
