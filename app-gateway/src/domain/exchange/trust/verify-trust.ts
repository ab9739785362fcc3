import { hash, timingSafeEqual } from 'node:crypto';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refusalOf, refuse } from '../exchange-refusal.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import type { TrustSet, Verification } from './trust-set.ts';
import { partnerSubject, trustSetIn, withTrustSet } from './trust-step.ts';

/** What an operator typed after ringing the partner. */
export interface TypedFingerprint {
  readonly set: string;
  readonly method: Verification['method'];
  /** The whole fingerprint; of words, the digits that they stand for, from the first on. Hexadecimal. */
  readonly hex: string;
}

/** `wrong` and `rejected` are written down like the others; their refusal is for the operator. */
export interface VerifiedChange extends Change<PartnerRecord> {
  readonly outcome: 'first-of-two' | 'verified' | 'wrong' | 'rejected';
  readonly refusal?: ExchangeRefusal;
}

export const OPERATORS_NEEDED = 2;
export const WRONG_FINGERPRINTS_MAX = 5;

const HEX_DIGITS = 64;
/** 64 bits: what a stranger would have to meet by chance. */
const WORDS_HEX_DIGITS_MIN = 16;
const HEX = /^[0-9a-f]*$/;

/**
 * One operator's word that the partner read out this fingerprint; two different operators are needed.
 *
 * A wrong one is recorded, and the fifth rejects the set. What is only half a fingerprint is no try at all.
 */
export function verifyTrust(
  record: PartnerRecord,
  typed: TypedFingerprint,
  actor: Actor,
  nowMs: number,
): Result<VerifiedChange, ExchangeRefusal> {
  if (actor.role !== 'officer' && actor.role !== 'operator') return refuse('operator-needed', {});
  const found = trustSetIn(record, typed.set, 'verify', ['received']);
  if (!found.ok) return found;
  const set = found.value;
  if (set.verifications.some(({ operator }) => operator === actor.name)) {
    return refuse('verifier-twice', { partner: record.id, set: set.id, operator: actor.name });
  }
  const hex = typed.hex.toLowerCase();
  const isWhole =
    typed.method === 'fingerprint'
      ? hex.length === HEX_DIGITS
      : hex.length >= WORDS_HEX_DIGITS_MIN && hex.length <= HEX_DIGITS;
  if (!isWhole || !HEX.test(hex)) return refuse('fingerprint-malformed', {});
  return ok(
    isReadOut(hex, typed.method, set)
      ? right(record, set, typed.method, actor, nowMs)
      : wrong(record, set, typed.method, actor, nowMs),
  );
}

/** In constant time for each of the forms in which a partner can read it. */
function isReadOut(hex: string, method: Verification['method'], set: TrustSet): boolean {
  const forms = [set.fingerprint.slice(0, hex.length)];
  const root = method === 'fingerprint' ? onlyRoot(set) : undefined;
  if (root !== undefined) forms.push(hash('sha256', root, 'hex'));
  const heard = Buffer.from(hex);
  return forms
    .map((form) => form.length === hex.length && timingSafeEqual(heard, Buffer.from(form)))
    .includes(true);
}

/**
 * The certificate that is all the set gives trust by, if it is one: a partner without Sallyport knows its SHA-256.
 *
 * Intermediates help to find a path and give no trust.
 */
function onlyRoot({ anchors, pins, signingKeys }: TrustSet): Buffer | undefined {
  if (pins.length > 0 || (signingKeys ?? []).length > 0) return undefined;
  const roots = anchors.flatMap((pem) => decodePem(pem, 'CERTIFICATE'));
  return roots.length === 1 ? roots[0] : undefined;
}

function right(
  record: PartnerRecord,
  set: TrustSet,
  method: Verification['method'],
  actor: Actor,
  nowMs: number,
): VerifiedChange {
  const verifications = [...set.verifications, { operator: actor.name, atMs: nowMs, method }];
  const isVerified = verifications.length >= OPERATORS_NEEDED;
  const detail = {
    set: set.id,
    fingerprint: set.fingerprint,
    method,
    verifiedBy: verifications.map(({ operator }) => operator),
  };
  return {
    outcome: isVerified ? 'verified' : 'first-of-two',
    record: withTrustSet(record, {
      ...set,
      state: isVerified ? 'verified' : 'received',
      verifications,
    }),
    events: [eventOf(actor, nowMs, 'trust-verified', partnerSubject(record.id), detail)],
  };
}

function wrong(
  record: PartnerRecord,
  set: TrustSet,
  method: Verification['method'],
  actor: Actor,
  nowMs: number,
): VerifiedChange {
  const subject = partnerSubject(record.id);
  const count = (set.wrongFingerprints ?? 0) + 1;
  const facts = { partner: record.id, set: set.id, count };
  const failed = eventOf(actor, nowMs, 'trust-verification-failed', subject, {
    set: set.id,
    method,
    count,
  });
  const marked: TrustSet = { ...set, wrongFingerprints: count };
  if (count < WRONG_FINGERPRINTS_MAX) {
    return {
      outcome: 'wrong',
      record: withTrustSet(record, marked),
      events: [failed],
      refusal: refusalOf('fingerprint-wrong', { ...facts, left: WRONG_FINGERPRINTS_MAX - count }),
    };
  }
  const reason = `${count} wrong fingerprints`;
  return {
    outcome: 'rejected',
    record: withTrustSet(record, { ...marked, state: 'rejected' }),
    events: [failed, eventOf(actor, nowMs, 'trust-rejected', subject, { set: set.id, reason })],
    refusal: refusalOf('fingerprint-rejected', facts),
  };
}
