import type { RevocationMode, TrialSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { PathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { grantsPurpose, type Purpose } from '@sallyport/shared/x509/purpose.ts';
import type { CertifiedIdentity } from './identity.ts';
import { type RevocationOf, revocationFaultUnder } from './revocation-seam.ts';
import { eventPackageOf, isMethodAllowed } from './screening.ts';

/** Which stricter rule would have refused something that was let in. */
export type TrialRule =
  | 'purposes'
  | 'no-eku'
  | 'source-networks'
  | 'revocation'
  | 'methods'
  | 'event-packages';

/** Stricter rules of one partner, ready to be tried; what is undefined is not tried. */
export interface Trial {
  readonly purposes: PathPolicy | undefined;
  readonly noEku: PathPolicy | undefined;
  readonly sourceNetworks: NetworkSet | undefined;
  readonly revocation: RevocationMode | undefined;
  readonly methods: ReadonlySet<string> | undefined;
  readonly eventPackages: ReadonlySet<string> | undefined;
}

/** Makes what a snapshot wants tried ready for use; each rule alone, beside the policy in force. */
export function trialOf(
  { purposes, allowNoEku, sourceNetworks, revocation, methods, eventPackages }: TrialSnapshot,
  partner: string,
  policy: PathPolicy,
  problems: string[],
): Trial {
  const networks = NetworkSet.parse(sourceNetworks ?? []);
  if (!networks.ok) problems.push(`partner ${partner}: trial network ${networks.error.text}`);
  return {
    purposes: purposes && { ...policy, purposes },
    noEku:
      allowNoEku === undefined ? undefined : { ...policy, acceptNoExtendedKeyUsage: allowNoEku },
    sourceNetworks: networks.ok && !networks.value.isEmpty ? networks.value : undefined,
    revocation,
    methods: methods && new Set(methods),
    eventPackages: eventPackages && new Set(eventPackages),
  };
}

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
