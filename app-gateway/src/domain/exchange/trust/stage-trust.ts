import { ok, type Result } from '@sallyport/shared/result.ts';
import { isAccepted } from '../../../config/trust-state.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { partnerSubject, trustSetIn, withTrustSet } from './trust-step.ts';

/** Each accepted set may cost a path search when somebody connects. */
export const ACCEPTED_SETS_MAX = 8;

/** Accepts a verified set beside the old ones, so that the partner may change its keys whenever it likes. */
export function stageTrust(
  record: PartnerRecord,
  id: string,
  actor: Actor,
  nowMs: number,
): Result<Change<PartnerRecord>, ExchangeRefusal> {
  const found = trustSetIn(record, id, 'stage', ['verified']);
  if (!found.ok) return found;
  const count = record.trustSets.filter(isAccepted).length;
  if (count >= ACCEPTED_SETS_MAX) {
    return refuse('trust-accepted-max', { partner: record.id, count });
  }
  const { fingerprint, verifications } = found.value;
  const verifiedBy = verifications.map(({ operator }) => operator);
  return ok({
    record: withTrustSet(record, { ...found.value, state: 'staged', stagedAtMs: nowMs }),
    events: [
      eventOf(actor, nowMs, 'trust-staged', partnerSubject(record.id), {
        set: id,
        fingerprint,
        verifiedBy,
      }),
    ],
  });
}
