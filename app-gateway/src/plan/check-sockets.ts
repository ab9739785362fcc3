import { isEveryAddress } from '@sallyport/shared/net/every-address.ts';
import type { NetworkSettings } from '../config/network-schema.ts';
import type { SettingPath } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import type { PlanHost } from './network-plan.ts';
import { boundAddresses, type PlanFinding, planError } from './plan-draft.ts';
import { isLoopback, spelt } from './zone-map.ts';

/** A place where one of our programs, or the system beside it, wants to listen. */
interface Claim {
  readonly host: PlanHost;
  readonly what: string;
  readonly bind: string;
  readonly first: number;
  readonly last: number;
  readonly path: SettingPath;
}

/** Whether every program can listen where the site file says: at an address of its host, and alone. */
export function checkSockets(
  site: SiteFile,
  network: NetworkSettings,
  hosts: readonly PlanHost[],
): readonly PlanFinding[] {
  const claims = [...nodeClaims(site, hosts), ...systemClaims(network, hosts)].filter(
    ({ first }) => first > 0,
  );
  return [
    ...claims.flatMap(foreign),
    ...claims.flatMap((claim, at) => taken(claim, claims.slice(0, at))),
  ];
}

function nodeClaims(site: SiteFile, hosts: readonly PlanHost[]): readonly Claim[] {
  const hostOf = (node: string) => hosts.find(({ nodes }) => nodes.includes(node));
  const isInsideOut = site.channel.dial === 'inside-out';
  const proxies = site.proxies.flatMap(({ node, listen, health, channel, workers }, at) => {
    const host = hostOf(node);
    const path: SettingPath = ['proxies', at];
    if (host === undefined) return [];
    return [
      ...listen.map((each, index) => claim(host, 'partners', each, [...path, 'listen', index])),
      claim(host, `health of ${node}`, health, [...path, 'health']),
      ...(channel === undefined || !isInsideOut
        ? []
        : [
            claim(
              host,
              `channel of ${node}`,
              addressed(host, channel),
              [...path, 'channel'],
              workers,
            ),
          ]),
    ];
  });
  const gateways = site.gateways.flatMap(({ node, inner, health, channel }, at) => {
    const host = hostOf(node);
    const path: SettingPath = ['gateways', at];
    if (host === undefined) return [];
    return [
      claim(host, `inner servers of ${node}`, inner, [...path, 'inner']),
      claim(host, `health of ${node}`, health, [...path, 'health']),
      ...(channel === undefined || isInsideOut
        ? []
        : [claim(host, `channel of ${node}`, addressed(host, channel), [...path, 'channel'])]),
    ];
  });
  return [...proxies, ...gateways];
}

function systemClaims(
  { administration, balancers }: NetworkSettings,
  hosts: readonly PlanHost[],
): readonly Claim[] {
  const ours = hosts.filter(({ nodes, roles }) => nodes.length > 0 || roles.includes('balancer'));
  const path: SettingPath = ['network', 'administration', 'port'];
  return [
    ...balancers.flatMap(({ name, listen: { address, port } }, at) => {
      const host = hosts.find((each) => each.name === name);
      const own = { host: address, port };
      return host === undefined
        ? []
        : [
            claim(host, 'partners, shared among proxies', own, [
              'network',
              'balancers',
              at,
              'listen',
            ]),
          ];
    }),
    ...(administration === undefined
      ? []
      : ours.map((host) => claim(host, 'SSH', { host: '::', port: administration.port }, path))),
  ];
}

function claim(
  host: PlanHost,
  what: string,
  place: { readonly host: string; readonly port: number },
  path: SettingPath,
  ports = 1,
): Claim {
  return {
    host,
    what,
    bind: spelt(place.host),
    first: place.port,
    last: place.port + ports - 1,
    path,
  };
}

/** A channel may be named by a DNS name of its host; which address that is, its own check says. */
function addressed(host: PlanHost, { host: text, port }: { host: string; port: number }) {
  const isNumber = /^[0-9.]+$|:/.test(text);
  return { host: isNumber ? text : (host.addresses[0] ?? text), port };
}

/** A program cannot listen at an address that its host does not have. */
function foreign({ host, bind, path, what }: Claim): readonly PlanFinding[] {
  const isKnown = isEveryAddress(bind) || isLoopback(bind) || host.addresses.includes(bind);
  // The channel's own check names it.
  if (isKnown || what.startsWith('channel') || path[1] === 'balancers') return [];
  return [
    planError(
      [...path, 'host'],
      `${bind} is no address of ${host.name} (${host.addresses.join(', ')}): name one of them`,
    ),
  ];
}

function taken(later: Claim, earlier: readonly Claim[]): readonly PlanFinding[] {
  const other = earlier.find(
    (each) =>
      each.host.name === later.host.name &&
      each.first <= later.last &&
      later.first <= each.last &&
      meet(each, later),
  );
  if (other === undefined) return [];
  const port = Math.max(other.first, later.first);
  return [
    planError(
      later.path,
      `${later.host.name} cannot listen at port ${port} for ${later.what}: it does so for ${other.what} already; give one of them another port`,
    ),
  ];
}

/** Whether the same address leads to both. */
function meet(a: Claim, b: Claim): boolean {
  const own = heard(a);
  return heard(b).some((address) => own.includes(address));
}

/** Whoever listens on every address listens on loopback as well. */
function heard({ host, bind }: Claim): readonly string[] {
  const loopback = bind === '::' ? ['127.0.0.1', '::1'] : bind === '0.0.0.0' ? ['127.0.0.1'] : [];
  return [...boundAddresses(host, bind), ...loopback];
}
