import { type Actor, type Change, eventOf } from '../actor.ts';
import { keyName } from '../identity/identity-keys.ts';
import type { PartnerRecord, Presentation } from '../partner/partner-record.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import type { Sighting } from './sighting.ts';

/** Notes that a partner took a key of ours in a handshake; undefined when that tells nothing new. */
export function notePresented(
  record: PartnerRecord,
  sighting: Sighting,
  actor: Actor,
  nowMs: number,
): Change<PartnerRecord> | undefined {
  if (sighting.partner !== record.id || sighting.direction !== 'presented') return undefined;
  const isShown = ({ identity, key }: Presentation) => keyName(identity, key) === sighting.key;
  const shown = record.presentations.find(isShown);
  if (shown?.state !== 'offered' || sighting.lastAtMs < shown.offeredAtMs) return undefined;
  const presentations = record.presentations.map((presentation) =>
    presentation === shown ? { ...presentation, state: 'seen' as const } : presentation,
  );
  const { key, lastSource, lastProxy, lastAtMs } = sighting;
  const detail = { key, peer: lastSource, proxy: lastProxy, seenAtMs: lastAtMs };
  return {
    record: { ...record, presentations },
    events: [eventOf(actor, nowMs, 'presentation-seen', partnerSubject(record.id), detail)],
  };
}
