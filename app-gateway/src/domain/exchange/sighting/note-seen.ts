import { type Actor, type Change, eventOf } from '../actor.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { partnerSubject, withTrustSet } from '../trust/trust-step.ts';
import type { Sighting } from './sighting.ts';

/** Notes that a live handshake used a staged set; undefined when the sighting tells nothing new. */
export function noteSeen(
  record: PartnerRecord,
  sighting: Sighting,
  actor: Actor,
  nowMs: number,
): Change<PartnerRecord> | undefined {
  if (sighting.partner !== record.id || sighting.direction !== 'accepted') return undefined;
  const set = record.trustSets.find(({ id }) => id === sighting.key);
  if (set?.state !== 'staged' || sighting.lastAtMs < (set.stagedAtMs ?? 0)) return undefined;
  const { spki, lastSource, lastProxy, lastAtMs } = sighting;
  const detail = { set: set.id, spki, source: lastSource, proxy: lastProxy, seenAtMs: lastAtMs };
  return {
    record: withTrustSet(record, { ...set, state: 'seen' }),
    events: [eventOf(actor, nowMs, 'trust-seen', partnerSubject(record.id), detail)],
  };
}
