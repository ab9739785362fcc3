import type { Site } from '../../../config/site.ts';
import type { NodeRecord } from './node-record.ts';

/** The part of a site that says which hosts it has. */
export type SiteNodes = Pick<Site, 'proxies' | 'gateways' | 'revokedNodes'>;

/**
 * A host of the site: as it is on record, or as `site.yaml` alone knows it.
 *
 * Hosts whose bundles were written with their keys are on no record until they first renew or are revoked.
 */
export function siteNode(
  nodes: readonly NodeRecord[],
  site: SiteNodes,
  node: string,
): NodeRecord | undefined {
  const known = nodes.find((record) => record.node === node);
  if (known !== undefined) return known;
  const entry = entryOf(site, node);
  return entry === undefined ? undefined : { node, ...entry, state: 'approved', certificates: [] };
}

/** Role of a node in `site.yaml`, and what it is dialled by; undefined when it stands there no more. */
export function entryOf(
  { proxies, gateways }: SiteNodes,
  node: string,
): Pick<NodeRecord, 'role' | 'hosts'> | undefined {
  const proxy = proxies.find((one) => one.node === node);
  if (proxy !== undefined) return { role: 'proxy', hosts: hostsOf(proxy) };
  const gateway = gateways.find((one) => one.node === node);
  return gateway === undefined ? undefined : { role: 'gateway', hosts: hostsOf(gateway) };
}

function hostsOf({ channel }: { readonly channel?: { readonly host: string } | undefined }) {
  return channel === undefined ? [] : [channel.host];
}
