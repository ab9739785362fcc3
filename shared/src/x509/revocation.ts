import type { Certificate } from './certificate.ts';
import type { Path } from './path.ts';
import {
  isInScope,
  type RevocationList,
  type RevocationListRefusal,
  revocationListRefusal,
  revokedEntry,
} from './revocation-list.ts';
import type { RevocationReason } from './revocation-reason.ts';

/** Why nothing is known of a certificate. */
export type RevocationGap =
  | 'list-missing'
  | 'list-out-of-scope'
  | 'list-not-yet-valid'
  | 'list-expired'
  | Exclude<RevocationListRefusal, 'list-of-another-issuer'>;

/** What is known of a path's certificates. */
export type Revocation =
  | { readonly kind: 'good' }
  | {
      readonly kind: 'revoked';
      readonly certificate: Certificate;
      readonly reason: RevocationReason;
      readonly revokedAtMs: number;
    }
  | { readonly kind: 'unknown'; readonly certificate: Certificate; readonly why: RevocationGap };

/** How far an authority's clock may be ahead of ours. */
const CLOCK_SKEW_MS = 300_000;
const GOOD: Revocation = { kind: 'good' };

/**
 * Asks of every certificate of a validated path but its anchor whether its issuer took it back (RFC 5280 §6.3).
 *
 * `lists` are of any authority, in any order, not yet trusted; each must be signed by the issuer as it stands on the
 * path. The anchor is revoked by nobody but the partner. One revoked certificate decides; else the first unknown one
 * does. A list whose end has passed still revokes, for no authority takes a certificate back into use, save one that
 * was on hold; and so does one whose time has not begun, for one of the two clocks is wrong; but they call nobody good.
 * Where something else called the leaf good, such as a stapled answer, lists are
 * not needed to say so, and may still say the contrary.
 */
export function revocationOf(
  path: Path,
  lists: readonly RevocationList[],
  atMs: number,
  isLeafGood = false,
): Revocation {
  let unknown: Revocation | undefined;
  for (const [at, issuer] of path.chain.slice(1).entries()) {
    const found = revocationIn(path.chain[at] as Certificate, issuer, lists, atMs);
    if (found.kind === 'revoked') return found;
    if (found.kind === 'unknown' && !(isLeafGood && at === 0)) unknown ??= found;
  }
  return unknown ?? GOOD;
}

function revocationIn(
  certificate: Certificate,
  issuer: Certificate,
  lists: readonly RevocationList[],
  atMs: number,
): Revocation {
  let isGood = false;
  let why: RevocationGap = 'list-missing';
  for (const list of lists) {
    const refusal = revocationListRefusal(list, issuer);
    if (refusal === 'list-of-another-issuer') continue;
    const gap = refusal ?? gapOf(list, certificate, atMs);
    if (gap !== undefined) why = gap;
    if (gap !== undefined && gap !== 'list-expired' && gap !== 'list-not-yet-valid') continue;
    const entry = revokedEntry(list, certificate);
    if (entry !== undefined && (gap !== 'list-expired' || entry.reason !== 'certificateHold')) {
      return { kind: 'revoked', certificate, ...entry };
    }
    if (gap === undefined) isGood = true;
  }
  return isGood ? GOOD : { kind: 'unknown', certificate, why };
}

function gapOf(
  list: RevocationList,
  certificate: Certificate,
  atMs: number,
): RevocationGap | undefined {
  if (!isInScope(list, certificate)) return 'list-out-of-scope';
  if (atMs < list.thisUpdateMs - CLOCK_SKEW_MS) return 'list-not-yet-valid';
  return atMs > list.nextUpdateMs ? 'list-expired' : undefined;
}
