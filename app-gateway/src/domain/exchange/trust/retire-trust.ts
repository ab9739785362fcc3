import { ok, type Result } from '@sallyport/shared/result.ts';
import { isAccepted } from '../../../config/trust-state.ts';
import { type Actor, type Change, checkForce, eventOf, type Force } from '../actor.ts';
import { type ExchangeRefusal, refuse, utcText } from '../exchange-refusal.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { latestUse, type UseWindow } from '../sighting/latest-use.ts';
import type { Sighting } from '../sighting/sighting.ts';
import { partnerSubject, trustSetIn, withTrustSet } from './trust-step.ts';

/** Which set goes, and on what evidence. */
export interface TrustRetirement extends UseWindow {
  readonly set: string;
  readonly sightings: readonly Sighting[];
  /** Passes over a young sighting; never over the last set. */
  readonly force?: Force;
}

/**
 * Stops accepting a set.
 *
 * Refused while the partner still shows its keys, and always for the last set that is accepted: to cut a
 * partner off is another step, with another name.
 */
export function retireTrust(
  record: PartnerRecord,
  { set: id, sightings, unusedDays, force }: TrustRetirement,
  actor: Actor,
  nowMs: number,
): Result<Change<PartnerRecord>, ExchangeRefusal> {
  const partner = record.id;
  const found = trustSetIn(record, id, 'retire', ['staged', 'seen', 'active']);
  if (!found.ok) return found;
  if (record.trustSets.filter(isAccepted).length === 1) {
    return refuse('trust-last', { partner, set: id });
  }
  const forced = force === undefined ? ok(undefined) : checkForce(actor, force);
  if (!forced.ok) return forced;
  const used = latestUse(
    sightings.filter((sighting) => sighting.partner === partner),
    'accepted',
    id,
    { unusedDays },
    nowMs,
  );
  if (used !== undefined && force === undefined) {
    const { lastAtMs, lastSource: source, lastProxy: proxy } = used;
    const when = utcText(lastAtMs);
    return refuse('trust-still-used', {
      partner,
      set: id,
      when,
      lastAtMs,
      source,
      proxy,
      days: unusedDays,
    });
  }
  const detail = {
    set: id,
    ...(forced.value !== undefined && { forced: forced.value }),
    ...(used !== undefined && { lastUsedAtMs: used.lastAtMs }),
  };
  return ok({
    record: withTrustSet(record, { ...found.value, state: 'retired', retiredAtMs: nowMs }),
    events: [eventOf(actor, nowMs, 'trust-retired', partnerSubject(partner), detail)],
  });
}
