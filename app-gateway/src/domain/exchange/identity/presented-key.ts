import type { PartnerRecord } from '../partner/partner-record.ts';
import { currentKey, isPresentable } from './identity-keys.ts';
import type { IdentityKey, IdentityRecord } from './identity-record.ts';

/** What a partner is shown. */
export interface PresentedKey {
  readonly identity: IdentityRecord;
  readonly key: IdentityKey;
}

/**
 * The identity and key that we show to a partner; undefined while there is none with a certificate.
 *
 * The identity is the one agreed, or our first. Its current key is shown unless another was activated
 * towards this partner.
 */
export function presentedKeyOf(
  record: PartnerRecord,
  identities: readonly IdentityRecord[],
): PresentedKey | undefined {
  const identity = identityFor(record, identities);
  if (identity === undefined) return undefined;
  const chosen = record.presentations.find(
    (presentation) => presentation.identity === identity.name && presentation.state === 'active',
  );
  const own = identity.keys.find((key) => key.id === chosen?.key && isPresentable(key));
  const key = own ?? currentKey(identity);
  return key && { identity, key };
}

/** The identity that a partner's settings name, or the first one. */
export function identityFor(
  { settings }: Pick<PartnerRecord, 'settings'>,
  identities: readonly IdentityRecord[],
): IdentityRecord | undefined {
  const { ownIdentity } = settings;
  if (ownIdentity !== undefined) return identities.find(({ name }) => name === ownIdentity);
  return identities.toSorted((a, b) => a.position - b.position)[0];
}
