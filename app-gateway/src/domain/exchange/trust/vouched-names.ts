import { isPlainlyCa } from '@sallyport/shared/x509/path-rules.ts';
import { firstOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import type { TrustSet } from './trust-set.ts';

/**
 * Whether a set that somebody has heard, for the domains that its partner had then, could let in for any other.
 *
 * An authority may sign a certificate for any name, and whoever has a pinned key may sign one himself. A certificate that is no
 * authority, taken as anchor, vouches for the names in it alone; they were heard with it. Of a set that nobody has
 * verified yet, two people still hear all.
 */
export function vouchesForAnyName({ state, verifications, anchors }: TrustSet): boolean {
  if (state === 'retired' || state === 'rejected') return false;
  if (state === 'received' && verifications.length === 0) return false;
  return anchors.length === 0 || anchors.some(mayIssue);
}

/** What cannot be read counts as an authority: nothing is known of it. */
function mayIssue(pem: string): boolean {
  const certificate = firstOfPem(pem);
  return certificate === undefined || isPlainlyCa(certificate);
}
