import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, checkReason, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import type { PartnerRecord } from './partner-record.ts';

/** Lets a severed partner in again, with the sets that are accepted of it by now. */
export function restorePartner(
  record: PartnerRecord,
  reason: string,
  actor: Actor,
  nowMs: number,
): Result<Change<PartnerRecord>, ExchangeRefusal> {
  const { severed, ...rest } = record;
  if (severed === undefined) return refuse('partner-not-severed', { partner: record.id });
  const given = checkReason(reason);
  if (!given.ok) return given;
  const detail = { reason: given.value, severed };
  return ok({
    record: rest,
    events: [eventOf(actor, nowMs, 'partner-restored', partnerSubject(record.id), detail)],
  });
}
