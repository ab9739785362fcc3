import type { SiteFile } from '../../config/site-schema.ts';
import type { NetworkPlan } from '../network-plan.ts';
import type { PlanDocument } from './plan-documents.ts';

/** The first port that every user may bind to. */
const UNPRIVILEGED_FIRST = 1024;

/**
 * Drop-ins for units whose program binds to a port below 1024, by host.
 *
 * The capability counts in the network's own user namespace alone, so that the unit's private users must go; the
 * rest of its sandbox stays.
 */
export function lowPortUnits(site: SiteFile, plan: NetworkPlan): readonly PlanDocument[] {
  const nodes = [
    ...site.proxies.map(({ node, listen, health, channel }) => ({
      unit: `sallyport-dmz-proxy@${node}`,
      node,
      ports: [...listen, health, ...(channel === undefined ? [] : [channel])],
    })),
    ...site.gateways.map(({ node, inner, health, channel }) => ({
      unit: `sallyport-app-gateway@${node}`,
      node,
      ports: [inner, health, ...(channel === undefined ? [] : [channel])],
    })),
  ];
  return nodes
    .filter(({ ports }) => ports.some(({ port }) => port > 0 && port < UNPRIVILEGED_FIRST))
    .flatMap(({ unit, node }) =>
      plan.hosts
        .filter((host) => host.nodes.includes(node))
        .map((host) => ({
          path: `hosts/${host.name}/systemd/${unit}.service.d/low-port.conf`,
          text: DROP_IN,
        })),
    );
}

const DROP_IN = `# For /etc/systemd/system: this node has a port below 1024. Written by "sallyport plan".
[Service]
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
PrivateUsers=no
`;
