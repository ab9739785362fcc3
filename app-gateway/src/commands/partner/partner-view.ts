import { formatSpoken } from '@sallyport/certs/fingerprint-words.ts';
import type { Site } from '../../config/site.ts';
import { isAccepted, type TrustState } from '../../config/trust-state.ts';
import type { PartnerRecord, Severance } from '../../domain/exchange/partner/partner-record.ts';
import { acceptedTrustOf } from '../../domain/exchange/trust/accepted-trust.ts';
import type { TrustSet } from '../../domain/exchange/trust/trust-set.ts';

/** A trust set as answers show it: fingerprints, not certificates. */
export interface SetView {
  readonly id: string;
  readonly state: TrustState;
  /**
   * Absent until two people have typed what they heard: who could read it here would need no telephone.
   */
  readonly fingerprint?: string;
  /** What is read over the telephone. */
  readonly words?: string;
  readonly origin: TrustSet['origin'];
  readonly receivedAtMs: number;
  readonly verifiedBy: readonly string[];
  readonly stagedAtMs?: number;
  readonly activatedAtMs?: number;
  readonly retiredAtMs?: number;
}

/** A partner in one line. */
export interface PartnerSummary {
  readonly partner: string;
  readonly domains: readonly string[];
  /** Of a partner without accepted keys also what those that it has wait for. */
  readonly state:
    | 'severed'
    /** By the site's list, which is for when the database does not answer. */
    | 'severed by site.yaml'
    | 'disabled'
    | 'no keys yet'
    | 'keys wait to be verified'
    | 'keys wait to be staged'
    /** Whoever is in its networks is let in, whatever keys it has. */
    | 'open without TLS'
    | 'open';
  readonly severed?: Severance;
  readonly sets: readonly SetView[];
  /** What to do about it next; absent where nothing is to be done. */
  readonly next?: string;
}

export function setView(set: TrustSet): SetView {
  const { id, state, fingerprint, origin, receivedAtMs, verifications } = set;
  const { stagedAtMs, activatedAtMs, retiredAtMs } = set;
  return {
    id,
    state,
    ...(isOpenlyKnown(state) && { fingerprint, words: formatSpoken(fingerprint).join(' ') }),
    origin,
    receivedAtMs,
    verifiedBy: verifications.map(({ operator }) => operator),
    ...(stagedAtMs !== undefined && { stagedAtMs }),
    ...(activatedAtMs !== undefined && { activatedAtMs }),
    ...(retiredAtMs !== undefined && { retiredAtMs }),
  };
}

/** A partner as it is on record, and as the site in force has it, where that is given. */
export function partnerSummary(
  record: PartnerRecord,
  site: Pick<Site, 'severed'> = { severed: [] },
): PartnerSummary {
  const { id, settings, severed, trustSets } = record;
  const isCutOff = severed === undefined && site.severed.includes(id);
  const next = isCutOff ? cutOffStep(id) : nextStep(record);
  return {
    partner: id,
    domains: settings.domains,
    state: isCutOff ? 'severed by site.yaml' : stateOf(record),
    ...(severed !== undefined && { severed }),
    sets: trustSets.map(setView),
    ...(next !== undefined && { next }),
  };
}

function stateOf(record: PartnerRecord): PartnerSummary['state'] {
  if (record.severed !== undefined) return 'severed';
  if (!record.settings.enabled) return 'disabled';
  if (record.settings.plainTcp) return 'open without TLS';
  if (acceptedTrustOf(record).length > 0) return 'open';
  const has = (state: TrustState) => record.trustSets.some((set) => set.state === state);
  if (has('verified')) return 'keys wait to be staged';
  return has('received') ? 'keys wait to be verified' : 'no keys yet';
}

/**
 * What an operator does next for a partner: what was begun last is brought to its end before anything older, and
 * what was overtaken by a newer set is put away.
 */
function nextStep({ id, severed, trustSets }: PartnerRecord): string | undefined {
  if (severed !== undefined) {
    return `a stolen key is replaced and its set retired first (docs/certificates.md); then: sallyport partner restore ${id} --reason TEXT`;
  }
  const newest = (state: TrustState) => trustSets.findLast((set) => set.state === state);
  const verified = newest('verified');
  if (verified !== undefined) return `sallyport partner stage ${id} --set ${verified.id}`;
  const received = newest('received');
  const isOvertaken =
    received !== undefined && trustSets.slice(trustSets.indexOf(received)).some(isAccepted);
  if (received !== undefined && !isOvertaken) return verifyStep(id, received);
  const seen = newest('seen');
  if (seen !== undefined) return `sallyport partner activate ${id} --set ${seen.id}`;
  const staged = newest('staged');
  if (staged !== undefined)
    return `wait until ${id} uses ${staged.id}: sallyport partner show ${id}`;
  if (received !== undefined) {
    return `sallyport partner reject ${id} --set ${received.id} --reason TEXT`;
  }
  const active = trustSets.filter(({ state }) => state === 'active');
  if (active.length > 1) {
    return `when ${active[0]?.id} is out of use for a week: sallyport partner retire ${id} --set ${active[0]?.id}`;
  }
  return active.length === 0 ? `sallyport partner receive ${id} FILE` : undefined;
}

/** What becomes of a line for an emergency: on record it is no longer needed. */
export function cutOffStep(partner: string): string {
  return `take it out of severedPartners in every gateway’s site.yaml, and reload; to keep it cut off, before: sallyport partner sever ${partner} --reason TEXT`;
}

/** How a person makes sure of a received set: words stand on the sheet of an offer, and nowhere else. */
export function verifyStep(
  partner: string,
  { id, origin }: Pick<TrustSet, 'id' | 'origin'>,
): string {
  const heard = origin.format === 'sallyport' ? 'WORDS' : 'SHA-256 OF ITS ROOT';
  return `ring ${partner}, then: sallyport partner verify ${partner} --set ${id} --fingerprint "${heard}"`;
}

/** Whether the fingerprint of a set is no longer what somebody has to find out over the telephone. */
export function isOpenlyKnown(state: TrustState): boolean {
  return state !== 'received' && state !== 'rejected';
}
