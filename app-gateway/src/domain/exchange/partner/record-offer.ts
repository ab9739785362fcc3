import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import { identityKeyIn } from '../identity/identity-keys.ts';
import type { IdentityRecord } from '../identity/identity-record.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import type { PartnerRecord, Presentation } from './partner-record.ts';

/** What goes into an offer to a partner. */
export interface Offer {
  readonly keys: readonly { readonly identity: string; readonly key: string }[];
  readonly expiresAtMs: number;
}

export interface OfferChange extends Change<PartnerRecord> {
  /** Number of the offer: one more than the last. */
  readonly sequence: number;
}

/**
 * Notes that a partner is told of keys of ours, now and next; they must have certificates.
 *
 * What it was told before stays known, with the number of the first offer that held it.
 */
export function recordOffer(
  record: PartnerRecord,
  identities: readonly IdentityRecord[],
  { keys, expiresAtMs }: Offer,
  actor: Actor,
  nowMs: number,
): Result<OfferChange, ExchangeRefusal> {
  if (keys.length === 0) return refuse('offer-empty', {});
  const sequence = record.offeredSequence + 1;
  const presentations = [...record.presentations];
  for (const { identity: name, key } of keys) {
    const identity = identities.find((known) => known.name === name);
    if (identity === undefined) return refuse('identity-unknown', { identity: name });
    const found = identityKeyIn(identity, key, 'offer', ['ready', 'active']);
    if (!found.ok) return found;
    const at = presentations.findIndex((known) => known.identity === name && known.key === key);
    presentations[at < 0 ? presentations.length : at] = {
      ...(presentations[at] ?? firstOffered(name, key, sequence, nowMs)),
      offerExpiresAtMs: expiresAtMs,
    };
  }
  const detail = { sequence, keys, expiresAtMs };
  return ok({
    record: { ...record, presentations, offeredSequence: sequence },
    events: [eventOf(actor, nowMs, 'offer-made', partnerSubject(record.id), detail)],
    sequence,
  });
}

function firstOffered(
  identity: string,
  key: string,
  sequence: number,
  offeredAtMs: number,
): Presentation {
  return { identity, key, state: 'offered', sequence, offeredAtMs };
}
