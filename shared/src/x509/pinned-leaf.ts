import { err, ok, type Result } from '../result.ts';
import type { Certificate } from './certificate.ts';
import type { Path, PathRequest } from './path.ts';
import { leafFault, type PathFault, pathFault } from './path-rules.ts';

/** One question: is this leaf's own key one that the partner named, where there is no authority to ask? */
export type PinnedLeafRequest = Omit<PathRequest, 'intermediates' | 'anchors'>;

/**
 * Judges a leaf by its own key alone: the path is the leaf.
 *
 * Dates, purposes, names, key and algorithm are judged as ever; who signed it is not asked, so a self-signed leaf is as
 * good as any. A pin never matches an issuer here: whoever holds an issuer's key could leave out every limit that its
 * real certificate has.
 */
export function validatePinnedLeaf(request: PinnedLeafRequest): Result<Path, PathFault> {
  const { leaf, pins, purpose, policy, atMs } = request;
  if (!pins.includes(leaf.spkiSha256)) return err('path-pin-mismatch');
  const fault = leafFault(leaf, atMs) ?? pathFault([leaf], purpose, policy);
  return fault === undefined ? ok(pathOfOne(leaf)) : err(fault);
}

function pathOfOne(leaf: Certificate): Path {
  const { notBeforeMs, notAfterMs } = leaf;
  return { leaf, chain: [leaf], notBeforeMs, notAfterMs };
}
