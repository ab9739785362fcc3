import type { NetworkSettings } from '../config/network-schema.ts';
import type { SettingPath } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import type { PlanBalancer, PlanHost } from './network-plan.ts';
import { ANYONE, hostEnd, PARTNERS, type PlanDraft, reachableAddresses } from './plan-draft.ts';
import { familyOf, isPrivate, overlaps, spelt } from './zone-map.ts';

type ProxyFile = SiteFile['proxies'][number];
type ListenFile = ProxyFile['listen'][number];
type BalancerFile = NetworkSettings['balancers'][number];

/** What partners open to the balancers, and balancers to proxies; refuses those that would hide who connects. */
export function flowsOfBalancers(
  draft: PlanDraft,
  site: SiteFile,
  network: NetworkSettings,
): readonly PlanBalancer[] {
  return network.balancers.map((balancer, at) => balancerFlows(draft, site, network, balancer, at));
}

/** Whether a balancer shares out this listener's connections: then partners do not come to it themselves. */
export function isBalanced(
  network: NetworkSettings,
  proxy: ProxyFile,
  listen: ListenFile,
  host: PlanHost,
): boolean {
  return network.balancers.some(
    (balancer) =>
      balancer.to.includes(proxy.node) &&
      placesServed(balancer, proxy, host).find(({ isReached }) => isReached)?.listen === listen,
  );
}

function balancerFlows(
  draft: PlanDraft,
  site: SiteFile,
  network: NetworkSettings,
  balancer: BalancerFile,
  at: number,
): PlanBalancer {
  const path: SettingPath = ['network', 'balancers', at];
  const host = draft.host({ ...balancer, nodes: [] }, 'balancer');
  const { address, port } = balancer.listen;
  draft.socket(host, address, port, 'partners connect, shared among proxies');
  if (!host.addresses.includes(spelt(address))) {
    draft.error([...path, 'listen', 'address'], `${address} is no address of ${balancer.name}`);
  }
  if (balancer.nat === undefined && isPrivate(address)) {
    draft.error(
      path,
      `${address} is private, so no partner can address it: name the public address with nat: {address, port}`,
    );
  }
  if (balancer.kind === 'haproxy' && balancer.mode === 'pass-through') {
    draft.error(
      [...path, 'mode'],
      'HAProxy hides the partners’ addresses when it passes through, and proxies judge by them: use proxy-protocol, or keepalived or nftables',
    );
  }
  if (
    (balancer.kind === 'keepalived' || balancer.kind === 'nftables') &&
    balancer.mode === 'proxy-protocol'
  ) {
    draft.error(
      [...path, 'mode'],
      `${balancer.kind} moves packets and writes no PROXY header: use pass-through`,
    );
  }
  draft.flow({
    kind: 'partners',
    purpose: PARTNERS,
    from: ANYONE,
    to: hostEnd(host, [spelt(address)]),
    protocol: 'tcp',
    port,
    newPerSourcePerSecond: network.newPerSourcePerSecond,
    isLongLived: true,
    path,
    ...(balancer.nat === undefined ? {} : { nat: balancer.nat }),
  });
  for (const [index, node] of balancer.to.entries()) {
    if (balancer.to.indexOf(node) === index) continue;
    draft.error([...path, 'to', index], `${node} is listed twice: name each proxy once`);
  }
  const targets = balancer.to.flatMap((node, index) =>
    targetOf({ draft, site, network, balancer, host }, node, [...path, 'to', index]),
  );
  return {
    host: host.name,
    kind: balancer.kind,
    mode: balancer.mode,
    listen: { address: spelt(address), port },
    targets,
  };
}

/** One balancer, and what it is drawn into. */
interface DrawnBalancer {
  readonly draft: PlanDraft;
  readonly site: SiteFile;
  readonly network: NetworkSettings;
  readonly balancer: BalancerFile;
  /** That it runs on. */
  readonly host: PlanHost;
}

function targetOf(
  { draft, site, network, balancer, host }: DrawnBalancer,
  node: string,
  path: SettingPath,
): PlanBalancer['targets'] {
  const proxy = site.proxies.find((each) => each.node === node);
  const target = draft.hostOfNode(node);
  if (proxy === undefined || target === undefined) {
    draft.error(path, `${node} is no proxy of this site, or on no host`);
    return [];
  }
  if (target.zone !== host.zone) {
    draft.error(path, `${node} stands in ${target.zone} and its balancer in ${host.zone}`);
  }
  const served = placesServed(balancer, proxy, target);
  const reached = served.find(({ isReached }) => isReached);
  if (reached === undefined) {
    draft.error(path, unreachedBy(balancer, node, served.length > 0));
    return [];
  }
  const { listen, address } = reached;
  for (const own of strangersOnTheWire(network, balancer, listen, address)) {
    draft.warning(
      path,
      `${balancer.name} may connect from ${own}, which is not in proxyProtocolFrom of ${node}: name all its addresses there, or partners behind that one are turned away`,
    );
  }
  const to = hostEnd(target, [address]);
  const tls = { to, protocol: 'tcp', port: listen.port, isLongLived: true, path } as const;
  draft.flow({
    ...tls,
    kind: 'balancer',
    purpose: 'balancer connects and checks',
    from: hostEnd(host),
  });
  if (balancer.mode === 'pass-through') {
    draft.flow({ ...tls, kind: 'partners', purpose: PARTNERS, from: ANYONE, via: balancer.name });
  }
  const health = reachableAddresses(target, proxy.health.host)[0];
  if (health === undefined) return [{ host: target.name, address, port: listen.port }];
  const { port } = proxy.health;
  const healthEnd = hostEnd(target, [health]);
  draft.flow({
    kind: 'health',
    purpose: 'balancer asks for health',
    from: hostEnd(host),
    to: healthEnd,
    protocol: 'tcp',
    port,
    path,
  });
  return [{ host: target.name, address, port: listen.port, health: { address: health, port } }];
}

/** Why no partner comes to a proxy through a balancer; `isOtherFamily`: there is a place, but not for these packets. */
function unreachedBy(
  { kind, mode, name, listen }: BalancerFile,
  node: string,
  isOtherFamily: boolean,
): string {
  if (isOtherFamily) {
    const family = familyOf(listen.address);
    return `${node} listens on no IPv${family} address, and partners dial ${listen.address}: ${kind === 'other' ? 'a balancer that passes through' : kind} passes packets on as they are and cannot change the family; give ${node} an IPv${family} listener, take it out, or let HAProxy connect anew`;
  }
  return mode === 'proxy-protocol'
    ? `no listener of ${node} has proxyProtocolFrom with the addresses of ${name}: it would take the balancer for the partner`
    : `${node} has no listener without proxyProtocolFrom that other hosts can reach`;
}

/** Addresses beside the proxy's that a balancer may dial it from, and whose header it would not take. */
function strangersOnTheWire(
  { zones }: NetworkSettings,
  { mode, addresses }: BalancerFile,
  { proxyProtocolFrom }: ListenFile,
  address: string,
): readonly string[] {
  if (mode === 'pass-through') return [];
  const wires = zones.flatMap(({ networks }) => networks);
  const near = wires.filter((network) => overlaps(network, address));
  const isIn = (networks: readonly string[], own: string) =>
    networks.some((network) => overlaps(network, own));
  return addresses.filter((own) => isIn(near, own) && !isIn(proxyProtocolFrom, own));
}

/** Where a proxy awaits this balancer's connections; only a balancer that connects anew reaches the other family. */
function placesServed(balancer: BalancerFile, proxy: ProxyFile, host: PlanHost) {
  const family = familyOf(balancer.listen.address);
  return proxy.listen
    .filter((listen) => serves(balancer, listen))
    .flatMap((listen) =>
      reachableAddresses(host, listen.host).map((address) => ({
        listen,
        address,
        isReached: balancer.mode === 'proxy-protocol' || familyOf(address) === family,
      })),
    );
}

/** Whether a balancer sends partners to this listener: one that expects a header from it, or none at all. */
function serves(balancer: BalancerFile, { proxyProtocolFrom }: ListenFile): boolean {
  if (balancer.mode === 'pass-through') return proxyProtocolFrom.length === 0;
  const listed = proxyProtocolFrom.map((network) => spelt(network.replace(/\/(?:32|128)$/, '')));
  return balancer.addresses.some((address) => listed.includes(spelt(address)));
}
