import { ok, type Result } from '@sallyport/shared/result.ts';
import type { TrustState } from '../../../config/trust-state.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import type { TrustSet } from './trust-set.ts';

/** What to do with a set that is in a state. */
const ADVICE: Readonly<Record<TrustState, string>> = {
  received: 'sallyport partner verify {partner}',
  verified: 'sallyport partner stage {partner}',
  staged: 'wait until a live handshake uses it: sallyport partner show {partner}',
  seen: 'sallyport partner activate {partner}',
  active: 'sallyport partner show {partner}',
  retired: 'if {partner} uses it again, receive and verify it again',
  rejected: 'if {partner} uses it after all, receive and verify it again',
};

/** The set of that name, if a step may be taken from its state. */
export function trustSetIn(
  record: PartnerRecord,
  id: string,
  step: string,
  wanted: readonly TrustState[],
): Result<TrustSet, ExchangeRefusal> {
  const partner = record.id;
  const set = record.trustSets.find((known) => known.id === id);
  if (set === undefined) return refuse('trust-unknown', { partner, set: id });
  const { state } = set;
  if (wanted.includes(state)) return ok(set);
  const advice = ADVICE[state].replaceAll('{partner}', partner);
  return refuse('trust-state', {
    partner,
    set: id,
    state,
    step,
    wanted: wanted.join(' or '),
    advice,
  });
}

/** The partner with this set instead of the one of the same name. */
export function withTrustSet(record: PartnerRecord, set: TrustSet): PartnerRecord {
  const trustSets = record.trustSets.map((known) => (known.id === set.id ? set : known));
  return { ...record, trustSets };
}

/** What the history calls a partner. */
export function partnerSubject(partner: string): string {
  return `partner/${partner}`;
}
