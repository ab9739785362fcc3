import { isAccepted } from '../../../config/trust-state.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import type { TrustSet } from './trust-set.ts';

/**
 * The sets by which a partner is let in now: none while it is severed or switched off.
 *
 * Newest first, so that a key which fits an old set and a new one counts for the new: sightings of the old
 * then cease by themselves, and it can be retired.
 */
export function acceptedTrustOf(record: PartnerRecord): readonly TrustSet[] {
  if (record.severed !== undefined || !record.settings.enabled) return [];
  return record.trustSets.filter(isAccepted).toReversed();
}
