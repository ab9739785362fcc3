import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, checkReason, eventOf } from '../actor.ts';
import type { ExchangeRefusal } from '../exchange-refusal.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { partnerSubject, trustSetIn, withTrustSet } from './trust-step.ts';

/** Puts away a set that was never accepted; what is accepted is retired instead. */
export function rejectTrust(
  record: PartnerRecord,
  id: string,
  reason: string,
  actor: Actor,
  nowMs: number,
): Result<Change<PartnerRecord>, ExchangeRefusal> {
  const found = trustSetIn(record, id, 'reject', ['received', 'verified']);
  if (!found.ok) return found;
  const given = checkReason(reason);
  if (!given.ok) return given;
  const detail = { set: id, reason: given.value };
  return ok({
    record: withTrustSet(record, { ...found.value, state: 'rejected' }),
    events: [eventOf(actor, nowMs, 'trust-rejected', partnerSubject(record.id), detail)],
  });
}
