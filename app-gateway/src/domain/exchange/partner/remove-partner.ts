import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import type { PartnerRecord } from './partner-record.ts';

/** Takes a partner off the record: only one that was severed, or of which nothing was ever accepted. */
export function removePartner(
  record: PartnerRecord,
  actor: Actor,
  nowMs: number,
): Result<Change<undefined>, ExchangeRefusal> {
  const wasAccepted = record.trustSets.some(
    ({ stagedAtMs, state }) =>
      stagedAtMs !== undefined || !['received', 'verified', 'rejected'].includes(state),
  );
  if (wasAccepted && record.severed === undefined) {
    return refuse('partner-in-use', { partner: record.id });
  }
  const detail = { settings: record.settings, receivedSequence: record.receivedSequence };
  const event = eventOf(actor, nowMs, 'partner-removed', partnerSubject(record.id), detail);
  return ok({ record: undefined, events: [event] });
}
