import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, checkForce, eventOf, type Force } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { acceptedTrustOf } from '../trust/accepted-trust.ts';
import { withActive } from './activate-presentation.ts';
import { currentKey, identityKeyIn, identitySubject, withKey } from './identity-keys.ts';
import type { IdentityRecord } from './identity-record.ts';
import { identityFor } from './presented-key.ts';

export interface KeyActivation {
  readonly key: string;
  /** Passes over partners that were not told. */
  readonly force?: Force;
}

/** An identity's change, with the partners that it changes too. */
export interface KeyChange extends Change<IdentityRecord> {
  readonly partners: readonly PartnerRecord[];
}

/**
 * Makes the next key of an identity the one in use, towards every partner at once.
 *
 * Refused while partners of this identity that may connect were not told of it: they would turn us away.
 * The key before it stays active, though no longer current, until it is retired: one can go back.
 */
export function activateKey(
  identities: readonly IdentityRecord[],
  record: IdentityRecord,
  partners: readonly PartnerRecord[],
  { key: id, force }: KeyActivation,
  actor: Actor,
  nowMs: number,
): Result<KeyChange, ExchangeRefusal> {
  const found = identityKeyIn(record, id, 'activate', ['ready', 'active']);
  if (!found.ok) return found;
  const subject = identitySubject(record.name);
  const current = currentKey(record);
  if (current?.id === id) return refuse('nothing-changes', { subject });
  const names = namesOfUntold(identities, record, partners, id);
  const forced = force === undefined ? ok(undefined) : checkForce(actor, force);
  if (!forced.ok) return forced;
  if (current !== undefined && names.length > 0 && force === undefined) {
    return refuse('partners-not-told', { identity: record.name, key: id, partners: names });
  }
  const activatedAtMs = Math.max(nowMs, (current?.activatedAtMs ?? 0) + 1);
  const detail = {
    key: id,
    ...(current !== undefined && { before: current.id }),
    ...(forced.value !== undefined && { forced: forced.value, untold: names }),
  };
  return ok({
    record: withKey(record, { ...found.value, state: 'active', activatedAtMs }),
    partners: partnersShown(partners, record, id),
    events: [eventOf(actor, nowMs, 'identity-key-activated', subject, detail)],
  });
}

/** Partners that may connect, use the identity, and were never told of the key. */
function namesOfUntold(
  identities: readonly IdentityRecord[],
  { name }: IdentityRecord,
  partners: readonly PartnerRecord[],
  key: string,
): readonly string[] {
  const isTold = ({ presentations }: PartnerRecord) =>
    presentations.some(
      (known) => known.identity === name && known.key === key && known.state !== 'retired',
    );
  return partners
    .filter((partner) => identityFor(partner, identities)?.name === name && !isTold(partner))
    .filter((partner) => acceptedTrustOf(partner).length > 0)
    .map(({ id }) => id);
}

/** Those that were told of the identity, with this key as the one that they are shown. */
function partnersShown(
  partners: readonly PartnerRecord[],
  { name }: IdentityRecord,
  key: string,
): readonly PartnerRecord[] {
  return partners
    .filter(({ presentations }) => presentations.some(({ identity }) => identity === name))
    .map((partner) => ({
      ...partner,
      presentations: withActive(partner.presentations, name, key),
    }));
}
