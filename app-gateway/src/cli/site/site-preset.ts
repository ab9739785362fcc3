import type { SiteLayout } from '../../config/site-layout.ts';

/** The networks of an example site: a machine for each role, with addresses made for examples (RFC 5737, RFC 3849). */
export interface SitePreset {
  readonly name: PresetName;
  readonly layout: SiteLayout;
  /** For whom it is, in one sentence. */
  readonly summary: string;
  /** What the product that this one follows made of as many machines; empty where it had nothing of the kind. */
  readonly original: string;
  readonly proxies: readonly PresetProxy[];
  readonly gateways: readonly PresetGateway[];
  /** Shares partners' IPv4 connections among the proxies. */
  readonly balancer?: PresetHost;
  /** PostgreSQL server; absent: the one gateway keeps everything itself. */
  readonly database?: PresetHost;
}

/** A machine with an address of each family, all in one zone. */
export interface PresetHost {
  readonly host: string;
  readonly v4: string;
  readonly v6: string;
}

/** A proxy on its machine. */
export interface PresetProxy extends PresetHost {
  readonly node: string;
}

/** A gateway on its machine, which may be the proxy's. */
export interface PresetGateway extends PresetHost {
  readonly node: string;
}

/** Names as they stand on the command line. */
export const PRESET_NAMES = [
  'standalone',
  'single-dmz',
  'dual-dmz',
  'two-machine',
  'three-machine',
  'four-machine',
  'five-machine',
] as const;

/** One of the presets. */
export type PresetName = (typeof PRESET_NAMES)[number];

/** Ranges of the zones: the outer DMZ (or the only one), the inner DMZ, the intranet. */
export const PRESET_NETWORKS = {
  outer: ['192.0.2.0/24', '2001:db8:1::/64'],
  inner: ['198.51.100.0/24', '2001:db8:2::/64'],
  intranet: ['203.0.113.0/25', '2001:db8:3::/64'],
} as const;

const outer = (host: string, last: number): PresetHost => at(host, '192.0.2', '2001:db8:1', last);
const inner = (host: string, last: number): PresetHost =>
  at(host, '198.51.100', '2001:db8:2', last);
const intranet = (host: string, last: number): PresetHost =>
  at(host, '203.0.113', '2001:db8:3', last);

/** The inner SIP server, in every preset. */
export const SIP_SERVER = intranet('sip-a', 40);
/** Name and time servers: one for the proxies' zone, one inside. */
export const OUTER_SERVICES = outer('ns-a', 53);
/** Time for whatever stands further inside. */
export const INNER_SERVICES = intranet('ntp-b', 53);

const EDGE_A: PresetProxy = { node: 'edge-1', ...outer('edge-a', 11) };
const EDGE_B: PresetProxy = { node: 'edge-2', ...outer('edge-b', 12) };
const DATA = intranet('data', 30);

/** A preset by its name. */
export function sitePreset(name: PresetName): SitePreset {
  return { name, ...PRESETS[name] };
}

const PRESETS: Readonly<Record<PresetName, Omit<SitePreset, 'name'>>> = {
  standalone: {
    layout: 'standalone',
    summary:
      'One machine in the DMZ runs both programs, for trials and very small sites; the split protects less there.',
    original: 'a standalone gateway server in the DMZ, with its database and directory inside',
    proxies: [EDGE_A],
    gateways: [{ node: 'gateway-1', host: 'edge-a', v4: EDGE_A.v4, v6: EDGE_A.v6 }],
  },
  'single-dmz': {
    layout: 'single-dmz',
    summary:
      'Two proxies behind a balancer in the only DMZ; two gateways and their database in the intranet.',
    original: '',
    balancer: outer('balancer-a', 5),
    proxies: [EDGE_A, EDGE_B],
    gateways: [
      { node: 'gateway-1', ...intranet('core-a', 21) },
      { node: 'gateway-2', ...intranet('core-b', 22) },
    ],
    database: DATA,
  },
  'dual-dmz': {
    layout: 'dual-dmz',
    summary:
      'Two proxies behind a balancer in the outer DMZ, two gateways in the inner one, the database in the intranet: only balancer and database stand alone, and no zone is crossed by one connection.',
    original: 'several SIP proxy servers, each on its own machine, behind an IP sprayer',
    balancer: outer('balancer-a', 5),
    proxies: [EDGE_A, EDGE_B],
    gateways: [
      { node: 'gateway-1', ...inner('core-a', 21) },
      { node: 'gateway-2', ...inner('core-b', 22) },
    ],
    database: DATA,
  },
  'two-machine': {
    layout: 'single-dmz',
    summary:
      'A proxy in the DMZ, a gateway with its own database in the intranet: the smallest site in which a machine that falls gives nothing away.',
    original:
      'machine 1: database, deployment manager, primary node; machine 2: secondary node, proxy servers',
    proxies: [EDGE_A],
    gateways: [{ node: 'gateway-1', ...intranet('core-a', 21) }],
  },
  'three-machine': {
    layout: 'single-dmz',
    summary:
      'A proxy in the DMZ, two gateways in the intranet, PostgreSQL beside the second: a gateway may fail.',
    original:
      'machine 1: database; machine 2: deployment manager, primary node; machine 3: secondary node, proxy servers',
    proxies: [EDGE_A],
    gateways: [
      { node: 'gateway-1', ...intranet('core-a', 21) },
      { node: 'gateway-2', ...intranet('core-b', 22) },
    ],
    database: intranet('core-b', 22),
  },
  'four-machine': {
    layout: 'dual-dmz',
    summary:
      'A proxy in the outer DMZ, two gateways in the inner one, the database on its own machine in the intranet.',
    original:
      'machine 1: database; machine 2: deployment manager, primary node; machine 3: secondary node; machine 4: proxy servers',
    proxies: [EDGE_A],
    gateways: [
      { node: 'gateway-1', ...inner('core-a', 21) },
      { node: 'gateway-2', ...inner('core-b', 22) },
    ],
    database: DATA,
  },
  'five-machine': {
    layout: 'dual-dmz',
    summary: 'As with four, and a third gateway: one may fail while another is being upgraded.',
    original:
      'machine 1: database; machine 2: deployment manager, primary node; machines 3 and 4: secondary nodes; machine 5: proxy servers',
    proxies: [EDGE_A],
    gateways: [
      { node: 'gateway-1', ...inner('core-a', 21) },
      { node: 'gateway-2', ...inner('core-b', 22) },
      { node: 'gateway-3', ...inner('core-c', 23) },
    ],
    database: DATA,
  },
};

function at(host: string, v4: string, v6: string, last: number): PresetHost {
  return { host, v4: `${v4}.${last}`, v6: `${v6}::${last}` };
}
