import { ok, type Result } from '@sallyport/shared/result.ts';
import { isAccepted } from '../../../config/trust-state.ts';
import { type Actor, type Change, checkReason, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import type { TrustSet } from '../trust/trust-set.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import { OPERATORS_NEEDED } from '../trust/verify-trust.ts';
import type { PartnerRecord } from './partner-record.ts';

/**
 * Lets a severed partner in again, with the sets that are accepted of it by now.
 *
 * A set that was heard before may be what it was severed for: such a partner only an officer lets in, and one without TLS.
 */
export function restorePartner(
  record: PartnerRecord,
  reason: string,
  actor: Actor,
  nowMs: number,
): Result<Change<PartnerRecord>, ExchangeRefusal> {
  const { severed, ...rest } = record;
  const { id: partner, trustSets, settings } = record;
  if (severed === undefined) return refuse('partner-not-severed', { partner });
  const given = checkReason(reason);
  if (!given.ok) return given;
  if (actor.role !== 'officer') {
    const { name: operator, role } = actor;
    if (settings.plainTcp) {
      return refuse('officer-opens', { setting: 'plainTcp', operator, role });
    }
    const old = trustSets.filter((set) => isAccepted(set) && !isHeardSince(set, severed.atMs));
    const sets = old.map(({ id }) => id);
    if (sets.length > 0) return refuse('officer-restores', { partner, sets, operator, role });
  }
  const detail = { reason: given.value, severed };
  return ok({
    record: rest,
    events: [eventOf(actor, nowMs, 'partner-restored', partnerSubject(partner), detail)],
  });
}

function isHeardSince({ verifications }: TrustSet, timeMs: number): boolean {
  return verifications.filter(({ atMs }) => atMs > timeMs).length >= OPERATORS_NEEDED;
}
