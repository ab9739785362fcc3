import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import type { PartnerRecord, Presentation } from '../partner/partner-record.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import { identityKeyIn } from './identity-keys.ts';
import type { IdentityRecord } from './identity-record.ts';

/** Shows one partner a key ahead of the others; the one shown so far stays known, and can be gone back to. */
export function activatePresentation(
  record: PartnerRecord,
  identity: IdentityRecord,
  keyId: string,
  actor: Actor,
  nowMs: number,
): Result<Change<PartnerRecord>, ExchangeRefusal> {
  const found = identityKeyIn(identity, keyId, 'present', ['ready', 'active']);
  if (!found.ok) return found;
  const facts = { partner: record.id, identity: identity.name, key: keyId };
  const told = record.presentations.find(
    (known) => known.identity === identity.name && known.key === keyId,
  );
  if (told === undefined) return refuse('presentation-unknown', facts);
  if (told.state === 'active' || told.state === 'retired') {
    return refuse('presentation-state', { ...facts, state: told.state });
  }
  const { identity: name, key } = told;
  return ok({
    record: {
      ...record,
      presentations: withActive(record.presentations, name, key),
    },
    events: [
      eventOf(actor, nowMs, 'presentation-activated', partnerSubject(record.id), {
        identity: name,
        key,
      }),
    ],
  });
}

/** At most one key of an identity is active towards a partner. */
export function withActive(
  presentations: readonly Presentation[],
  identity: string,
  key: string,
): readonly Presentation[] {
  return presentations.map((known) => {
    if (known.identity !== identity) return known;
    if (known.key === key) return { ...known, state: 'active' };
    return known.state === 'active' ? { ...known, state: 'seen' } : known;
  });
}
