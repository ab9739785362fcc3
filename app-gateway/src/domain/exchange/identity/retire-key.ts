import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, checkForce, eventOf, type Force } from '../actor.ts';
import { type ExchangeRefusal, refuse, utcText } from '../exchange-refusal.ts';
import type { PartnerRecord, Presentation } from '../partner/partner-record.ts';
import { latestUse, type UseWindow } from '../sighting/latest-use.ts';
import type { Sighting } from '../sighting/sighting.ts';
import type { KeyChange } from './activate-key.ts';
import { currentKey, identityKeyIn, identitySubject, keyName, withKey } from './identity-keys.ts';
import type { IdentityRecord } from './identity-record.ts';

export interface KeyRetirement extends UseWindow {
  readonly key: string;
  readonly sightings: readonly Sighting[];
  readonly force?: Force;
}

/**
 * Gives up a key of ours, with its private half: that is gone for good.
 *
 * Refused for the key in use, while one partner is shown it on its own, and while handshakes used it lately;
 * only the last can be passed over.
 */
export function retireKey(
  record: IdentityRecord,
  partners: readonly PartnerRecord[],
  { key: id, sightings, unusedDays, force }: KeyRetirement,
  actor: Actor,
  nowMs: number,
): Result<KeyChange, ExchangeRefusal> {
  const { name } = record;
  const found = identityKeyIn(record, id, 'retire', ['requested', 'ready', 'active']);
  if (!found.ok) return found;
  if (currentKey(record)?.id === id) return refuse('key-current', { identity: name, key: id });
  const isOf = (known: Presentation) => known.identity === name && known.key === id;
  const shownTo = partners.filter(({ presentations }) =>
    presentations.some((known) => isOf(known) && known.state === 'active'),
  );
  if (shownTo.length > 0) {
    const ids = shownTo.map((partner) => partner.id);
    return refuse('key-presented', { identity: name, key: id, partners: ids });
  }
  const forced = force === undefined ? ok(undefined) : checkForce(actor, force);
  if (!forced.ok) return forced;
  const used = latestUse(sightings, 'presented', keyName(name, id), { unusedDays }, nowMs);
  if (used !== undefined && force === undefined) {
    const { partner, lastAtMs, lastProxy: proxy } = used;
    const when = utcText(lastAtMs);
    const facts = { identity: name, key: id, partner, when, lastAtMs, proxy, days: unusedDays };
    return refuse('key-still-used', facts);
  }
  const detail = { key: id, ...(forced.value !== undefined && { forced: forced.value }) };
  return ok({
    record: withKey(record, {
      ...found.value,
      state: 'retired',
      sealedKey: '',
      retiredAtMs: nowMs,
    }),
    partners: partners
      .filter(({ presentations }) => presentations.some(isOf))
      .map((partner) => ({
        ...partner,
        presentations: partner.presentations.map((known) =>
          isOf(known) ? { ...known, state: 'retired' as const } : known,
        ),
      })),
    events: [eventOf(actor, nowMs, 'identity-key-retired', identitySubject(name), detail)],
  });
}
