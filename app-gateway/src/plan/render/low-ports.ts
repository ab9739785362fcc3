import type { SiteFile } from '../../config/site-schema.ts';
import type { NetworkPlan } from '../network-plan.ts';
import type { PlanDocument } from './plan-documents.ts';

/** The first port that every user may bind to. */
const UNPRIVILEGED_FIRST = 1024;

/**
 * What a kernel is told where a program of ours binds to a port below 1024, by host.
 *
 * Not a capability in the unit: one counts in the network's own user namespace alone, so that the unit's private users
 * would have to go as well. This way the sandbox stays whole; in return every user of that host may bind to ports from
 * there on, which its packet filter does not let in.
 */
export function lowPortSettings(site: SiteFile, plan: NetworkPlan): readonly PlanDocument[] {
  const portsOf = new Map(
    [
      ...site.proxies.map(({ node, listen, health, channel }) => ({
        node,
        own: [...listen, health, ...(channel === undefined ? [] : [channel])],
      })),
      ...site.gateways.map(({ node, inner, health, channel }) => ({
        node,
        own: [inner, health, ...(channel === undefined ? [] : [channel])],
      })),
    ].map(({ node, own }) => [node, own.map(({ port }) => port)]),
  );
  return plan.hosts.flatMap(({ name, nodes }) => {
    const low = nodes
      .flatMap((node) => portsOf.get(node) ?? [])
      .filter((port) => port > 0 && port < UNPRIVILEGED_FIRST);
    return low.length === 0
      ? []
      : [{ path: `hosts/${name}/sysctl.conf`, text: settings(Math.min(...low)) }];
  });
}

/** One setting for IPv4 and IPv6. */
function settings(first: number): string {
  return `# For /etc/sysctl.d: a program of ours has a port below 1024. Written by "sallyport plan".
net.ipv4.ip_unprivileged_port_start = ${first}
`;
}
