import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, checkReason, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse, utcText } from '../exchange-refusal.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import type { PartnerRecord } from './partner-record.ts';

/** Cuts a partner off at once; its sets keep their states and count for nothing until it is restored. */
export function severPartner(
  record: PartnerRecord,
  reason: string,
  actor: Actor,
  nowMs: number,
): Result<Change<PartnerRecord>, ExchangeRefusal> {
  if (record.severed !== undefined) {
    const { atMs, reason: given } = record.severed;
    return refuse('partner-severed', { partner: record.id, when: utcText(atMs), reason: given });
  }
  const given = checkReason(reason);
  if (!given.ok) return given;
  const severed = { atMs: nowMs, operator: actor.name, reason: given.value };
  const detail = { reason: given.value };
  return ok({
    record: { ...record, severed },
    events: [eventOf(actor, nowMs, 'partner-severed', partnerSubject(record.id), detail)],
  });
}
