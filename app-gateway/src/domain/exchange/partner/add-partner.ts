import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { PartnerSettings } from '../../../config/partner-schema.ts';
import { shareNetworks } from '../../../config/plain-tcp.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refusalOf, refuse } from '../exchange-refusal.ts';
import type { IdentityRecord } from '../identity/identity-record.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import { overlappingDomains } from './overlapping-domains.ts';
import type { PartnerRecord } from './partner-record.ts';
import { checkOpenings } from './unheard-peers.ts';

/** What else there is, that a partner's settings must not contradict. */
export interface PartnerSurroundings {
  readonly partners: readonly PartnerRecord[];
  readonly identities: readonly Pick<IdentityRecord, 'name'>[];
  readonly ownDomains: readonly string[];
}

/** Puts a company on record; nothing is accepted of it yet, but over plain TCP where an officer says so. */
export function addPartner(
  around: PartnerSurroundings,
  id: string,
  settings: PartnerSettings,
  actor: Actor,
  nowMs: number,
): Result<Change<PartnerRecord>, ExchangeRefusal> {
  if (around.partners.some((partner) => partner.id === id)) {
    return refuse('partner-known', { partner: id });
  }
  const refusal = settingsRefusal(around, id, settings);
  if (refusal !== undefined) return err(refusal);
  const opened = checkOpenings(undefined, settings, actor);
  if (!opened.ok) return opened;
  const record: PartnerRecord = {
    id,
    settings,
    trustSets: [],
    presentations: [],
    receivedSequence: 0,
    offeredSequence: 0,
  };
  const event = eventOf(actor, nowMs, 'partner-added', partnerSubject(id), { settings });
  return ok({ record, events: [event] });
}

/** What is wrong with settings beside those of all others. */
export function settingsRefusal(
  { partners, identities, ownDomains }: PartnerSurroundings,
  id: string,
  settings: PartnerSettings,
): ExchangeRefusal | undefined {
  const { ownIdentity } = settings;
  if (ownIdentity !== undefined && !identities.some(({ name }) => name === ownIdentity)) {
    return refusalOf('identity-unknown', { identity: ownIdentity });
  }
  const other = partners.find(
    (known) => known.id !== id && shareNetworks(known.settings, settings),
  );
  if (other !== undefined) return refusalOf('networks-overlap', { owner: other.id, claimant: id });
  return overlappingDomains({ id, settings }, partners, ownDomains);
}
