import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { grantsPurpose, type Purpose } from '@sallyport/shared/x509/purpose.ts';
import type { CertifiedIdentity } from './identity.ts';
import { type RevocationOf, revocationFaultUnder } from './revocation-seam.ts';
import { eventPackageOf, isMethodAllowed } from './screening.ts';
import type { Trial, TrialRule } from './trial.ts';

/** Rules under which an identity that holds would not. */
export function triedOnIdentity(
  trial: Trial,
  { partner, path, staple }: CertifiedIdentity,
  purpose: Purpose,
  sourceAddress: string,
  revocationOf: RevocationOf | undefined,
  atMs: number,
): readonly TrialRule[] {
  const { purposes, noEku, revocation = 'off' } = trial;
  const rules: TrialRule[] = [];
  if (purposes !== undefined && !grantsPurpose(path.chain, purpose, purposes)) {
    rules.push('purposes');
  }
  if (noEku !== undefined && !grantsPurpose(path.chain, purpose, noEku)) rules.push('no-eku');
  rules.push(...triedOnAddress(trial, purpose, sourceAddress));
  const fault = revocationFaultUnder(revocation, revocationOf, path, partner, atMs, staple);
  if (fault !== undefined) rules.push('revocation');
  return rules;
}

/** The same of an address alone, which is all that a peer without TLS shows. */
export function triedOnAddress(
  { sourceNetworks }: Trial,
  purpose: Purpose,
  sourceAddress: string,
): readonly TrialRule[] {
  const isOutside = purpose === 'client' && sourceNetworks?.contains(sourceAddress) === false;
  return isOutside ? ['source-networks'] : [];
}

/** The rule under which a request that was let in would not have been, or undefined. */
export function triedOnRequest(
  { methods, eventPackages }: Trial,
  index: MessageIndex,
  method: string,
): TrialRule | undefined {
  if (methods !== undefined && !isMethodAllowed(methods, method)) return 'methods';
  if (eventPackages === undefined) return undefined;
  const eventPackage = eventPackageOf(index, method);
  return eventPackage === undefined || eventPackages.has(eventPackage)
    ? undefined
    : 'event-packages';
}
