import type { ProxyNode, Site } from '../../config/site.ts';

/** What stands in a proxy's `proxy.json`, which it reads at its start: who it is, where it listens, how it knows its gateways. */
export function proxySettings(site: Site, proxy: ProxyNode): object {
  return {
    site: site.name,
    node: proxy.node,
    workers: proxy.workers,
    listen: proxy.listen.map((listen) => listenOf(listen, checkersOf(site, proxy.node))),
    health: proxy.health,
    channel: channelOf(site, proxy),
    permissionModel: proxy.permissionModel,
  };
}

/** What a proxy must know of its own listener; what stands at its default is left out. */
function listenOf(
  { host, port, proxyProtocolFrom, checksFrom, transport, advertise }: ProxyNode['listen'][number],
  checkers: readonly string[],
): unknown {
  // Balancers that write a header are known by that list.
  const checks = proxyProtocolFrom.length > 0 ? checksFrom : [...checksFrom, ...checkers];
  return {
    host,
    port,
    ...(transport === 'tls' ? {} : { transport }),
    ...(advertise === undefined ? {} : { advertise }),
    proxyProtocolFrom,
    ...(checks.length === 0 ? {} : { checksFrom: [...new Set(checks)] }),
  };
}

/** Balancers that leave packets as they are: what comes from themselves only looks whether the port is open. */
function checkersOf({ network }: Site, node: string): readonly string[] {
  return (network?.balancers ?? [])
    .filter(({ mode, to }) => mode === 'pass-through' && to.includes(node))
    .flatMap(({ addresses }) => addresses);
}

function channelOf(site: Site, proxy: ProxyNode): unknown {
  if (site.channel.dial === 'inside-out') return { dial: 'inside-out', ...proxy.channel };
  return {
    dial: 'outside-in',
    gateways: site.gateways.map((gateway) => ({ node: gateway.node, ...gateway.channel })),
  };
}
