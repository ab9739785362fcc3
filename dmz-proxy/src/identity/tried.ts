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
  const { purposes, noEku, sourceNetworks, revocation = 'off' } = trial;
  const rules: TrialRule[] = [];
  if (purposes !== undefined && !grantsPurpose(path.chain, purpose, purposes)) {
    rules.push('purposes');
  }
  if (noEku !== undefined && !grantsPurpose(path.chain, purpose, noEku)) rules.push('no-eku');
  if (purpose === 'client' && sourceNetworks?.contains(sourceAddress) === false) {
    rules.push('source-networks');
  }
  const fault = revocationFaultUnder(revocation, revocationOf, path, partner, atMs, staple);
  if (fault !== undefined) rules.push('revocation');
  return rules;
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
