import {
  type FlowEnd,
  type NetworkPlan,
  PLAN_FORMAT,
  type PlanFlow,
} from '@sallyport/app-gateway/plan/network-plan.ts';

const ANYONE: FlowEnd = { zone: 'internet', networks: ['0.0.0.0/0', '::/0'] };

/** One end of a host; without addresses all of those that `HOSTS` gives it. */
function at(host: string, addresses?: readonly string[]): FlowEnd {
  const found = HOSTS.find(({ name }) => name === host);
  if (found === undefined) throw new Error(`no host ${host}`);
  return { zone: found.zone, host, networks: addresses ?? found.addresses };
}

const HOSTS: NetworkPlan['hosts'] = [
  {
    name: 'balancer-a',
    zone: 'outer-dmz',
    roles: ['balancer'],
    addresses: ['10.1.0.5'],
    nodes: [],
  },
  {
    name: 'balancer-b',
    zone: 'outer-dmz',
    roles: ['balancer'],
    addresses: ['192.0.2.6', '2001:db8:1::6'],
    nodes: [],
  },
  {
    name: 'edge-a',
    zone: 'outer-dmz',
    roles: ['proxy'],
    addresses: ['10.1.0.10', '2001:db8:1::10'],
    nodes: ['edge-1'],
  },
  {
    name: 'edge-b',
    zone: 'outer-dmz',
    roles: ['proxy'],
    addresses: ['192.0.2.11', '2001:db8:1::11'],
    nodes: ['edge-2'],
  },
  {
    name: 'core-a',
    zone: 'inner-dmz',
    roles: ['gateway'],
    addresses: ['10.2.0.10', '2001:db8:2::10'],
    nodes: ['gateway-1'],
  },
  {
    name: 'dns-1',
    zone: 'outer-dmz',
    roles: ['nameserver', 'time-server'],
    addresses: ['10.1.0.53'],
    nodes: [],
  },
  { name: 'data', zone: 'intranet', roles: ['database'], addresses: ['10.3.0.20'], nodes: [] },
  {
    name: 'sip-1',
    zone: 'intranet',
    roles: ['community'],
    addresses: ['10.3.0.30', '2001:db8:3::30'],
    nodes: [],
  },
];

const STANDING = { protocol: 'tcp', isLongLived: true } as const;
const SHORT = { protocol: 'tcp', isLongLived: false } as const;

const FLOWS: readonly PlanFlow[] = [
  {
    ...STANDING,
    id: 'partners>edge-a:tcp/5061',
    kind: 'partners',
    purpose: 'partners connect (SIP over TLS)',
    from: ANYONE,
    to: at('edge-a', ['10.1.0.10']),
    ports: { first: 5061, last: 5061 },
    newPerSourcePerSecond: 20,
    nat: { address: '198.51.100.10', port: 5061 },
  },
  {
    ...STANDING,
    id: 'partners>edge-b:tcp/5061',
    kind: 'partners',
    purpose: 'partners connect (SIP over TLS)',
    from: ANYONE,
    to: at('edge-b'),
    ports: { first: 5061, last: 5061 },
    newPerSourcePerSecond: 20,
  },
  {
    ...STANDING,
    id: 'partners>edge-b:tcp/5060',
    kind: 'partners-plain',
    purpose: 'partners connect (plain SIP over TCP)',
    from: { zone: 'internet', networks: ['203.0.113.0/24', '203.0.113.7'] },
    to: at('edge-b'),
    ports: { first: 5060, last: 5060 },
    newPerSourcePerSecond: 5,
  },
  {
    ...STANDING,
    id: 'partners>balancer-a:tcp/5061',
    kind: 'partners',
    purpose: 'partners connect, shared among proxies',
    from: ANYONE,
    to: at('balancer-a'),
    ports: { first: 5061, last: 5061 },
    newPerSourcePerSecond: 20,
    nat: { address: '198.51.100.5', port: 443 },
  },
  {
    ...STANDING,
    id: 'balancer-a>edge-b:tcp/5062',
    kind: 'balancer',
    purpose: 'balancer connects and checks',
    from: at('balancer-a'),
    to: at('edge-b', ['192.0.2.11']),
    ports: { first: 5062, last: 5062 },
  },
  {
    ...STANDING,
    id: 'partners>edge-a:tcp/5063',
    kind: 'partners',
    purpose: 'partners connect (SIP over TLS)',
    from: ANYONE,
    to: at('edge-a', ['10.1.0.10']),
    ports: { first: 5063, last: 5063 },
    via: 'balancer-b',
  },
  {
    ...STANDING,
    id: 'edge-a>partners:tcp/5061',
    kind: 'to-partners',
    purpose: 'we connect to partners',
    from: at('edge-a'),
    to: ANYONE,
    ports: { first: 5061, last: 5061 },
  },
  {
    ...STANDING,
    id: 'core-a>edge-a:tcp/7443',
    kind: 'channel',
    purpose: 'channel',
    from: at('core-a'),
    to: at('edge-a', ['10.1.0.10']),
    ports: { first: 7443, last: 7446 },
  },
  {
    ...SHORT,
    id: 'edge-a>dns-1:udp/53',
    kind: 'dns',
    purpose: 'DNS',
    protocol: 'udp',
    from: at('edge-a'),
    to: at('dns-1'),
    ports: { first: 53, last: 53 },
  },
  {
    ...STANDING,
    id: 'core-a>data:tcp/5432',
    kind: 'database',
    purpose: 'database',
    from: at('core-a'),
    to: at('data'),
    ports: { first: 5432, last: 5432 },
  },
  {
    ...STANDING,
    id: 'core-a>sip-1:tcp/5061',
    kind: 'signalling-inside',
    purpose: 'SIP with community staff',
    from: at('core-a'),
    to: at('sip-1'),
    ports: { first: 5061, last: 5061 },
  },
  ...['edge-a', 'edge-b', 'core-a', 'balancer-a'].map(
    (host): PlanFlow => ({
      ...SHORT,
      id: `intranet>${host}:tcp/22`,
      kind: 'administration',
      purpose: 'administration (SSH)',
      from: { zone: 'intranet', networks: ['10.3.9.0/24'] },
      to: at(host),
      ports: { first: 22, last: 22 },
    }),
  ),
];

const ROW = ['internet', 'outer-dmz', 'inner-dmz', 'intranet'] as const;

/** Legs of a flow on the firewalls between neighbouring zones. */
function crossings(outer: (typeof ROW)[number], inner: (typeof ROW)[number]) {
  return FLOWS.filter(({ via }) => via === undefined).flatMap(({ id, from, to }) => {
    const [first, last] = [from.zone, to.zone].map((zone) => ROW.indexOf(zone as 'internet'));
    const edge = ROW.indexOf(outer);
    if (first === undefined || last === undefined) return [];
    if (first <= edge && last > edge) return [{ flowId: id, from: outer, to: inner }];
    if (first > edge && last <= edge) return [{ flowId: id, from: inner, to: outer }];
    return [];
  });
}

/** A plan with everything that a plan can hold: NAT, balancers of both kinds, two families, limits, interfaces. */
export const PLAN: NetworkPlan = {
  format: PLAN_FORMAT,
  site: 'acme',
  layout: 'dual-dmz',
  zones: [
    { name: 'internet', networks: [] },
    { name: 'outer-dmz', networks: ['10.1.0.0/24', '192.0.2.0/24', '2001:db8:1::/64'] },
    { name: 'inner-dmz', networks: ['10.2.0.0/24', '2001:db8:2::/64'] },
    { name: 'intranet', networks: ['10.3.0.0/16', '2001:db8:3::/64'] },
  ],
  hosts: HOSTS,
  sockets: FLOWS.filter(({ to }) => to.host !== undefined).flatMap(
    ({ to, protocol, ports, purpose }) =>
      to.networks.map((address) => ({
        host: to.host ?? '',
        address,
        protocol,
        port: ports.first,
        purpose,
      })),
  ),
  flows: FLOWS,
  firewalls: [
    {
      name: 'fw-internet',
      joins: ['internet', 'outer-dmz'],
      interfaces: { internet: 'eth0', 'outer-dmz': 'eth1' },
      crossings: crossings('internet', 'outer-dmz'),
    },
    {
      name: 'fw-dmz',
      joins: ['outer-dmz', 'inner-dmz'],
      interfaces: { 'outer-dmz': 'eth0', 'inner-dmz': 'eth1' },
      crossings: crossings('outer-dmz', 'inner-dmz'),
    },
    {
      name: 'fw-inner',
      joins: ['inner-dmz', 'intranet'],
      interfaces: {},
      crossings: crossings('inner-dmz', 'intranet'),
    },
  ],
  balancers: [
    {
      host: 'balancer-a',
      kind: 'haproxy',
      mode: 'proxy-protocol',
      listen: { address: '10.1.0.5', port: 5061 },
      targets: [
        {
          host: 'edge-b',
          address: '192.0.2.11',
          port: 5062,
          health: { address: '192.0.2.11', port: 8081 },
        },
      ],
    },
    {
      host: 'balancer-b',
      kind: 'keepalived',
      mode: 'pass-through',
      listen: { address: '192.0.2.6', port: 5061 },
      targets: [
        { host: 'edge-a', address: '10.1.0.10', port: 5063 },
        { host: 'edge-b', address: '192.0.2.11', port: 5063 },
      ],
    },
  ],
};
