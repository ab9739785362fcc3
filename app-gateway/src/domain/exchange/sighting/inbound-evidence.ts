import { utcText } from '../exchange-refusal.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { acceptedTrustOf } from '../trust/accepted-trust.ts';
import type { Sighting } from './sighting.ts';

/** What is on record of one aspect of the way in, as a probe would have put it. */
export interface Evidence {
  readonly step:
    | 'accepted-keys'
    | 'their-handshake'
    | 'their-key-ends'
    | 'our-key-taken'
    | 'connections';
  readonly expected: string;
  readonly seen: string;
  readonly outcome: 'ok' | 'warning' | 'failed';
  readonly code?: string;
}

/** A live connection, as far as it is counted. */
export interface LiveConnection {
  readonly direction: 'inbound' | 'outbound';
}

const DAY_MS = 86_400_000;
const LATELY_DAYS = 7;
const SOON_DAYS = 14;

/**
 * What is known of the direction that nobody but the partner can try: its handshakes, when, from where and by which
 * key, and which of our keys it took.
 */
export function inboundEvidence(
  record: PartnerRecord,
  sightings: readonly Sighting[],
  connections: readonly LiveConnection[],
  nowMs: number,
): readonly Evidence[] {
  const accepted = latest(sightings, 'accepted');
  const inbound = connections.filter(({ direction }) => direction === 'inbound').length;
  return [
    keysEvidence(record),
    handshakeEvidence(accepted, nowMs),
    ...(accepted?.notAfterMs === undefined ? [] : [endEvidence(accepted.notAfterMs, nowMs)]),
    takenEvidence(latest(sightings, 'presented')),
    {
      step: 'connections',
      expected: 'live connections',
      seen: `${inbound} from it, ${connections.length - inbound} to it`,
      outcome: 'ok',
    },
  ];
}

function latest(
  sightings: readonly Sighting[],
  direction: Sighting['direction'],
): Sighting | undefined {
  return sightings
    .filter((sighting) => sighting.direction === direction)
    .toSorted((a, b) => b.lastAtMs - a.lastAtMs)[0];
}

function keysEvidence(record: PartnerRecord): Evidence {
  const sets = acceptedTrustOf(record).map(({ id, state }) => `${id} ${state}`);
  const expected = 'keys by which it is let in';
  return sets.length > 0
    ? { step: 'accepted-keys', expected, seen: sets.join(', '), outcome: 'ok' }
    : { step: 'accepted-keys', expected, seen: 'none', outcome: 'failed', code: 'trust-none' };
}

function handshakeEvidence(sighting: Sighting | undefined, nowMs: number): Evidence {
  const step = 'their-handshake';
  const expected = `a handshake within ${LATELY_DAYS} days`;
  if (sighting === undefined) {
    return { step, expected, seen: 'none on record', outcome: 'warning', code: 'never-seen' };
  }
  const { lastAtMs, lastSource, key, spki } = sighting;
  const seen = `${utcText(lastAtMs)} from ${lastSource}, set ${key}, key SHA-256 ${spki}`;
  return nowMs - lastAtMs <= LATELY_DAYS * DAY_MS
    ? { step, expected, seen, outcome: 'ok' }
    : { step, expected, seen, outcome: 'warning', code: 'not-seen-lately' };
}

function endEvidence(notAfterMs: number, nowMs: number): Evidence {
  const step = 'their-key-ends';
  const expected = `not within ${SOON_DAYS} days`;
  const seen = utcText(notAfterMs);
  return notAfterMs - nowMs >= SOON_DAYS * DAY_MS
    ? { step, expected, seen, outcome: 'ok' }
    : { step, expected, seen, outcome: 'warning', code: 'expires-soon' };
}

function takenEvidence(sighting: Sighting | undefined): Evidence {
  const step = 'our-key-taken';
  const expected = 'it took a key of ours';
  if (sighting === undefined) {
    return { step, expected, seen: 'none on record', outcome: 'warning', code: 'never-seen' };
  }
  const { lastAtMs, spki } = sighting;
  return { step, expected, seen: `${utcText(lastAtMs)}, key SHA-256 ${spki}`, outcome: 'ok' };
}
