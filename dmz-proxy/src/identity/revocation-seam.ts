import type { RevocationMode } from '@sallyport/shared/channel/snapshot.ts';
import type { Path } from '@sallyport/shared/x509/path.ts';
import type { Partner } from './partner.ts';
import type { Staple } from './revocation/staple.ts';

/** What is known about the certificates of a path; `unknown`: there is no fresh list or staple to say. */
export type RevocationVerdict = 'good' | 'revoked' | 'unknown';

/**
 * Looks into what is in memory and never waits; what is unknown it may begin to fetch.
 *
 * `staple` is absent for peers that could not be asked for one: clients.
 */
export type RevocationOf = (
  path: Path,
  partner: Partner,
  atMs: number,
  staple?: Staple,
) => RevocationVerdict;

/** Why a path is refused for revocation under the partner's own mode, or undefined. */
export function revocationFault(
  revocationOf: RevocationOf | undefined,
  path: Path,
  partner: Partner,
  atMs: number,
  staple?: Staple,
): 'revocation-revoked' | 'revocation-unknown' | undefined {
  const { mode } = partner.settings.revocation;
  return revocationFaultUnder(mode, revocationOf, path, partner, atMs, staple);
}

/** The same under a mode that is only tried. Without anyone to ask, everything is unknown. */
export function revocationFaultUnder(
  mode: RevocationMode,
  revocationOf: RevocationOf | undefined,
  path: Path,
  partner: Partner,
  atMs: number,
  staple?: Staple,
): 'revocation-revoked' | 'revocation-unknown' | undefined {
  if (mode === 'off') return undefined;
  const verdict = revocationOf?.(path, partner, atMs, staple) ?? 'unknown';
  if (verdict === 'revoked') return 'revocation-revoked';
  return verdict === 'unknown' && mode === 'hard-fail' ? 'revocation-unknown' : undefined;
}
