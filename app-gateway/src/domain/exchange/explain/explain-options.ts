import type { ExplainView, ReadQuery } from './explain-query.ts';

/** Whether a message asks the edge itself what it can: OPTIONS to a name or domain of ours, or to an address, and no user. */
export function isForEdge(
  { publicHosts, domains }: Pick<ExplainView, 'publicHosts' | 'domains'>,
  { method, toDomain, isToHost }: Pick<ReadQuery, 'method' | 'toDomain' | 'isToHost'>,
): boolean {
  if (method !== 'OPTIONS' || toDomain === undefined || !isToHost) return false;
  const isOurs = publicHosts.includes(toDomain) || domains.includes(toDomain);
  return isOurs || isAddress(toDomain);
}

/** Whether the sender of such a message is a server of the partner: a host of its certificate, or below its domains, or an address. */
export function asksAsServer(
  host: string | undefined,
  domains: readonly string[],
  names: readonly string[],
): boolean {
  if (host === undefined) return false;
  if (host === 'localhost' || isAddress(host) || names.includes(host)) return true;
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/** No top-level domain is a number, and brackets are for IPv6 alone (RFC 3261 §25.1, RFC 3696 §2). */
function isAddress(host: string): boolean {
  return host.startsWith('[') || /\.\d+$/.test(host);
}
