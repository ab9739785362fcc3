import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, checkForce, eventOf, type Force } from '../actor.ts';
import { type ExchangeRefusal, refuse, utcText } from '../exchange-refusal.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { knownSigners } from './known-signers.ts';
import { type ClaimedPlaces, type TrustDifference, trustDifference } from './trust-difference.ts';
import type { TrustOrigin, TrustSet } from './trust-set.ts';
import { partnerSubject } from './trust-step.ts';

/** What was read from a partner's file, and what was found about it. */
export interface ReceivedTrust
  extends Pick<
      TrustSet,
      'anchors' | 'intermediates' | 'pins' | 'signingKeys' | 'fingerprint' | 'origin'
    >,
    ClaimedPlaces {
  readonly problems: readonly {
    readonly severity: 'error' | 'warning';
    readonly message: string;
  }[];
  /** An officer takes an offer whose signing key no verified set named; two people still verify the set. */
  readonly newSigner?: Force;
}

export interface ReceivedChange extends Change<PartnerRecord> {
  readonly set: TrustSet;
  readonly difference: TrustDifference;
}

const ENTRIES_MAX = 64;
const PENDING_MAX = 8;
/** Ended sets that are kept on the record; the history has them all. */
const ENDED_MAX = 50;

/**
 * Takes a partner's file in, trusting nothing of it yet.
 *
 * Faults refuse it, whoever asks. Sequence numbers only rise, so that nobody who kept an old file brings
 * old keys back; a set that is known and live is not taken twice.
 */
export function receiveTrust(
  record: PartnerRecord,
  received: ReceivedTrust,
  actor: Actor,
  nowMs: number,
): Result<ReceivedChange, ExchangeRefusal> {
  const newSigner = signerOf(record, received, actor);
  if (!newSigner.ok) return newSigner;
  const refusal = contentRefusal(record, received) ?? offerRefusal(record, received.origin, nowMs);
  if (refusal !== undefined) return refusal;

  const { anchors, intermediates, pins, signingKeys, fingerprint, origin } = received;
  const set: TrustSet = {
    id: nextSetId(record),
    state: 'received',
    anchors,
    intermediates,
    pins,
    ...(signingKeys !== undefined && { signingKeys }),
    fingerprint,
    origin,
    receivedAtMs: nowMs,
    verifications: [],
  };
  const difference = trustDifference(record, received, received);
  const warnings = received.problems.map(({ message }) => message);
  const detail = {
    set: set.id,
    fingerprint,
    origin,
    difference,
    warnings,
    ...(newSigner.value !== undefined && { newSigner: newSigner.value }),
  };
  return ok({
    record: {
      ...record,
      trustSets: [...withoutOldest(record.trustSets), set],
      receivedSequence: Math.max(record.receivedSequence, origin.sequence ?? 0),
    },
    events: [eventOf(actor, nowMs, 'trust-received', partnerSubject(record.id), detail)],
    set,
    difference,
  });
}

function contentRefusal(
  record: PartnerRecord,
  received: ReceivedTrust,
): Result<never, ExchangeRefusal> | undefined {
  const partner = record.id;
  const isEnded = ({ state }: TrustSet) => state === 'retired' || state === 'rejected';
  const known = record.trustSets.find(
    (set) => !isEnded(set) && set.fingerprint === received.fingerprint,
  );
  if (known !== undefined) {
    return refuse('trust-known', { partner, set: known.id, state: known.state });
  }
  for (const what of ['anchors', 'intermediates', 'pins'] as const) {
    const count = received[what].length;
    if (count > ENTRIES_MAX) {
      return refuse('trust-too-large', { partner, what, count, countMax: ENTRIES_MAX });
    }
  }
  if (received.anchors.length + received.pins.length === 0)
    return refuse('trust-empty', { partner });
  const errors = received.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const problems = errors.map(({ message }) => message);
    return refuse('trust-problems', { partner, count: errors.length, problems });
  }
  const isPending = ({ state }: TrustSet) => state === 'received' || state === 'verified';
  const count = record.trustSets.filter(isPending).length;
  return count < PENDING_MAX ? undefined : refuse('trust-pending-max', { partner, count });
}

function offerRefusal(
  { id: partner, receivedSequence }: PartnerRecord,
  { sequence, expiresAtMs }: TrustOrigin,
  nowMs: number,
): Result<never, ExchangeRefusal> | undefined {
  if (sequence !== undefined && sequence <= receivedSequence) {
    return refuse('sequence-not-rising', { partner, sequence, known: receivedSequence });
  }
  if (expiresAtMs === undefined || nowMs <= expiresAtMs) return undefined;
  return refuse('offer-expired', { partner, when: utcText(expiresAtMs), expiresAtMs });
}

/**
 * An offer's signing key is one that two people verified with a set before.
 *
 * Files without a signature rest on the telephone alone, as does the first offer.
 */
function signerOf(
  record: PartnerRecord,
  { origin, newSigner }: ReceivedTrust,
  actor: Actor,
): Result<string | undefined, ExchangeRefusal> {
  const known = knownSigners(record);
  if (origin.signer === undefined || known.size === 0) return ok(undefined);
  if (known.has(origin.signer)) return ok(undefined);
  if (newSigner !== undefined) return checkForce(actor, newSigner);
  return refuse('signer-unknown', { partner: record.id, signer: origin.signer });
}

/** Above every number there is: the newest set stays on the record for good. */
function nextSetId({ trustSets }: PartnerRecord): string {
  return `t${Math.max(0, ...trustSets.map(({ id }) => Number(id.slice(1)) || 0)) + 1}`;
}

/** Ended sets beyond the limit leave the record, those first that came first. */
function withoutOldest(sets: readonly TrustSet[]): readonly TrustSet[] {
  const ended = sets.filter(({ state }) => state === 'retired' || state === 'rejected');
  const leaving = new Set(ended.slice(0, Math.max(0, ended.length - ENDED_MAX)));
  return sets.filter((set) => !leaving.has(set));
}
