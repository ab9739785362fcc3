import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, checkForce, eventOf, type Force } from '../actor.ts';
import type { ExchangeRefusal } from '../exchange-refusal.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { partnerSubject, trustSetIn, withTrustSet } from './trust-step.ts';

/**
 * Confirms a set that a live handshake used.
 *
 * By force also one that was never seen, such as that of a partner who connects once a month.
 */
export function activateTrust(
  record: PartnerRecord,
  id: string,
  force: Force | undefined,
  actor: Actor,
  nowMs: number,
): Result<Change<PartnerRecord>, ExchangeRefusal> {
  const found = trustSetIn(record, id, 'activate', force ? ['staged', 'seen'] : ['seen']);
  if (!found.ok) return found;
  const forced = force === undefined ? ok(undefined) : checkForce(actor, force);
  if (!forced.ok) return forced;
  const detail = { set: id, ...(forced.value !== undefined && { forced: forced.value }) };
  return ok({
    record: withTrustSet(record, { ...found.value, state: 'active', activatedAtMs: nowMs }),
    events: [eventOf(actor, nowMs, 'trust-activated', partnerSubject(record.id), detail)],
  });
}
