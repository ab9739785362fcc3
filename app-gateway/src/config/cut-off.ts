import type { Site } from './site.ts';

/** What a database says of partners and hosts that were cut off. */
export interface CutOffs {
  /** Milliseconds of its last change. */
  readonly revision: number;
  readonly partners: readonly { readonly id: string; readonly severed?: object }[];
  readonly nodes: readonly { readonly node: string; readonly state: string }[];
}

/**
 * The site in force without the partners and hosts that were cut off since; undefined where there are none.
 *
 * For the moment in which the site as a whole cannot be read: to cut somebody off must not wait for a file to be mended.
 * Everything else stays as it is, and nobody comes back in by this.
 */
export function withoutCutOff(site: Site, state: CutOffs): Site | undefined {
  const severed = state.partners.filter((one) => one.severed !== undefined).map(({ id }) => id);
  const revoked = state.nodes.filter((one) => one.state === 'revoked').map(({ node }) => node);
  const isLetIn = ({ id }: { readonly id: string }) => !severed.includes(id);
  const isNew = revoked.some((node) => !site.revokedNodes.includes(node));
  if (site.partners.every(isLetIn) && !isNew) return undefined;
  return Object.freeze({
    ...site,
    partners: Object.freeze(site.partners.filter(isLetIn)),
    severed: Object.freeze([...new Set([...site.severed, ...severed])].sort()),
    revokedNodes: Object.freeze([...new Set([...site.revokedNodes, ...revoked])].sort()),
    version: Math.max(site.version, state.revision),
  });
}
