import type { Site } from './site.ts';

/** Who is cut off, as far as it can be read, of a site that may be refused as a whole. */
export interface CutOffs {
  /** Milliseconds of the newest change. */
  readonly revision: number;
  /** Ids of partners. */
  readonly severed: readonly string[];
  /** Names of hosts, or serial numbers. */
  readonly revoked: readonly string[];
}

/**
 * The site in force without the partners and hosts that were cut off since; undefined where there are none.
 *
 * For the time in which the site as a whole cannot be read: to cut somebody off must not wait for a file to be mended, nor for a
 * database to answer. Everything else stays as it is, and nobody comes back in by this.
 */
export function withoutCutOff(
  site: Site,
  { revision, severed, revoked }: CutOffs,
): Site | undefined {
  const cut = new Set([...site.severed, ...severed]);
  const isLetIn = ({ id }: { readonly id: string }) => !cut.has(id);
  const isNew = revoked.some((node) => !site.revokedNodes.includes(node));
  if (site.partners.every(isLetIn) && !isNew) return undefined;
  return Object.freeze({
    ...site,
    partners: Object.freeze(site.partners.filter(isLetIn)),
    severed: Object.freeze([...cut].sort()),
    revokedNodes: Object.freeze([...new Set([...site.revokedNodes, ...revoked])].sort()),
    version: Math.max(site.version, revision),
  });
}

/**
 * Names of a list by which nobody is cut off: slips of the pen, as far as the site in force can tell.
 *
 * A host that has left `site.yaml` may stand in the list for years; it is told of where the list says it anew.
 */
export function namedInVain(
  site: Site,
  { severed, revoked }: CutOffs,
): Pick<CutOffs, 'severed' | 'revoked'> {
  const partners = new Set([...site.partners.map(({ id }) => id), ...site.severed]);
  const nodes = [...site.proxies, ...site.gateways].map(({ node }) => node);
  const hosts = new Set([...nodes, ...site.revokedNodes]);
  return {
    severed: severed.filter((id) => !partners.has(id)),
    revoked: revoked.filter((name) => !hosts.has(name) && !SERIAL.test(name)),
  };
}

/** A certificate's serial number, as the list has it. */
const SERIAL = /^[0-9a-f]+$/;
