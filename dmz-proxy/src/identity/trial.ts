import type { RevocationMode, TrialSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { PathPolicy } from '@sallyport/shared/x509/path-policy.ts';

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
