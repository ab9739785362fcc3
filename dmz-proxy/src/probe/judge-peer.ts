import { dayText } from '@sallyport/shared/io/time-text.ts';
import type { Result } from '@sallyport/shared/result.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { grantsPurpose } from '@sallyport/shared/x509/purpose.ts';
import { sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import {
  type CertifiedIdentity,
  type IdentityFault,
  identifyServer,
} from '../identity/identity.ts';
import { NO_PARTNERS, type Partner } from '../identity/partner.ts';
import type { PeerChain } from '../identity/peer-chain.ts';
import type { RevocationOf } from '../identity/revocation-seam.ts';
import type { TrustSet } from '../identity/trust-set.ts';
import type { StepList } from './step-list.ts';

/** What a server's certificates are judged by. */
export interface PeerQuestion {
  readonly partner: Partner;
  readonly domain: string;
  readonly target: string;
  readonly chain: readonly Buffer[];
  readonly ocspResponse: Buffer | undefined;
  readonly sourceAddress: string;
  readonly atMs: number;
  readonly revocationOf: RevocationOf | undefined;
}

const CERTIFICATES_SHOWN_MAX = 8;
const TRUST_SETS_SHOWN_MAX = 8;
const SOON_MS = 14 * 86_400_000;
const DAY_MS = 86_400_000;

/**
 * Judges what a server showed, every aspect by itself, so that each fault is told and not the first alone.
 *
 * Returns whether a message would be sent over such a connection: that is decided as for messages, and never by the
 * steps.
 */
export function judgePeer(question: PeerQuestion, steps: StepList): boolean {
  const { chain, target, partner, domain } = question;
  const certificates = chain.map((der) => parseCertificate(der));
  for (const [at, parsed] of certificates.slice(0, CERTIFICATES_SHOWN_MAX).entries()) {
    noteCertificate(at, parsed, target, steps);
  }
  const [first] = certificates;
  if (first?.ok !== true) {
    if (first === undefined) {
      const expected = 'a certificate';
      steps.add('chain', target, { expected, seen: 'none', outcome: 'failed', code: 'none-shown' });
    }
    return false;
  }
  const leaf = first.value;
  noteNames(leaf, question, steps);
  notePurposes(leaf, question, steps);
  noteDates(leaf, question, steps);
  noteTrust(leaf, question, steps);
  return identifiedBy(question, partner.newestFirst, [domain]).ok;
}

function noteCertificate(
  at: number,
  parsed: Result<Certificate, string>,
  target: string,
  steps: StepList,
): void {
  const expected = at === 0 ? 'its own certificate' : `certificate ${at + 1} of its chain`;
  if (!parsed.ok) {
    const outcome = at === 0 ? 'failed' : 'warning';
    steps.add('chain', target, { expected, seen: parsed.error, outcome, code: parsed.error });
    return;
  }
  const { subjectCommonNames, issuerName, notBeforeMs, notAfterMs, spkiSha256 } = parsed.value;
  const subject = subjectCommonNames[0] ?? 'no common name';
  const issuer = issuerName.commonNames[0] ?? 'no common name';
  const dates = `${dayText(notBeforeMs)} to ${dayText(notAfterMs)}`;
  const seen = `"${subject}" by "${issuer}", ${dates}, key SHA-256 ${spkiSha256}`;
  steps.add('chain', target, { expected, seen, outcome: 'ok' });
}

function noteNames(leaf: Certificate, question: PeerQuestion, steps: StepList): void {
  const { domain, partner, target } = question;
  const { domains } = sipIdentities(leaf);
  const isDelegated = domains.some((named) =>
    (partner.delegated.get(named) ?? []).includes(domain),
  );
  const isCovered = isDelegated || domains.includes(domain);
  steps.add('names', target, {
    expected: domain,
    seen: domains.length === 0 ? 'no SIP domain (RFC 5922)' : domains.join(', '),
    outcome: isCovered ? 'ok' : 'failed',
    ...(!isCovered && { code: 'identity-domain-not-covered' }),
  });
}

const PURPOSES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.20': 'sipDomain',
  '2.5.29.37.0': 'any',
};

function notePurposes(leaf: Certificate, { partner, target }: PeerQuestion, steps: StepList): void {
  const usage = leaf.extensions.extendedKeyUsage;
  const isGood = grantsPurpose([leaf], 'server', partner.policy);
  steps.add('purposes', target, {
    expected: `serverAuth (purposes: ${partner.policy.purposes})`,
    seen: usage?.map((oid) => PURPOSES[oid] ?? oid).join(', ') ?? 'none stated',
    outcome: isGood ? 'ok' : 'failed',
    ...(!isGood && { code: 'path-purpose-refused' }),
  });
}

function noteDates(leaf: Certificate, { atMs, target }: PeerQuestion, steps: StepList): void {
  const { notBeforeMs, notAfterMs } = leaf;
  const expected = `good on ${dayText(atMs)}`;
  if (atMs < notBeforeMs) {
    const seen = `good only from ${new Date(notBeforeMs).toISOString()}`;
    steps.add('dates', target, { expected, seen, outcome: 'failed', code: 'path-not-yet-valid' });
  } else if (atMs > notAfterMs) {
    const seen = `expired on ${new Date(notAfterMs).toISOString()}`;
    steps.add('dates', target, { expected, seen, outcome: 'failed', code: 'path-expired' });
  } else {
    const isSoon = notAfterMs - atMs < SOON_MS;
    steps.add('dates', target, {
      expected,
      seen: `ends in ${Math.floor((notAfterMs - atMs) / DAY_MS)} days`,
      outcome: isSoon ? 'warning' : 'ok',
      ...(isSoon && { code: 'expires-soon' }),
    });
  }
}

/** Each set by itself: while keys roll over it is well that one of them is fulfilled, and no fault of the others. */
function noteTrust(leaf: Certificate, question: PeerQuestion, steps: StepList): void {
  const { partner, target } = question;
  // Names are a step of their own: here the certificate may be whoever it says.
  const ownNames = sipIdentities(leaf).domains;
  const sets = partner.newestFirst.slice(0, TRUST_SETS_SHOWN_MAX);
  const verdicts = sets.map((set) => ({
    set,
    verdict: identifiedBy(question, [set], ownNames.length > 0 ? ownNames : [question.domain]),
  }));
  const isProven = verdicts.some(({ verdict }) => verdict.ok);
  for (const { set, verdict } of verdicts) {
    const expected = `leads to trust set ${set.id}`;
    if (verdict.ok) {
      const { length } = verdict.value.path.chain;
      const seen = `yes, path of ${length} certificate${length === 1 ? '' : 's'}`;
      steps.add('trust', target, { expected, seen, outcome: 'ok' });
    } else {
      const outcome = isProven ? 'warning' : 'failed';
      const seen = FAULT_TEXTS[verdict.error] ?? verdict.error;
      steps.add('trust', target, { expected, seen, outcome, code: verdict.error });
    }
  }
  if (sets.length === 0) {
    const expected = 'a trust set of this partner';
    steps.add('trust', target, { expected, seen: 'none', outcome: 'failed', code: 'trust-none' });
  }
}

const FAULT_TEXTS: Partial<Readonly<Record<IdentityFault, string>>> = {
  'path-not-found': 'no: it leads to none of the certificates that we were given',
  'path-expired': 'no: a certificate of the path has expired',
  'path-not-yet-valid': 'no: a certificate of the path is not yet good',
  'path-purpose-refused': 'no: it is not made for this purpose',
  'path-pin-mismatch': 'no: it is none of the pinned keys',
  'path-key-refused': 'no: a key of the path is too weak',
  'path-algorithm-refused': 'no: a signature of the path is of a kind that is not trusted',
  'identity-domain-not-covered': 'no: it names no domain at all',
  'revocation-revoked': 'no: a certificate of the path was revoked',
  'revocation-unknown': 'no: nobody knows whether it was revoked',
};

/** As it is decided for messages, but with nothing remembered from before. */
function identifiedBy(
  { partner, chain, ocspResponse, sourceAddress, atMs, revocationOf }: PeerQuestion,
  newestFirst: readonly TrustSet[],
  askedFor: readonly string[],
): Result<CertifiedIdentity, IdentityFault> {
  const shown: PeerChain = { leaf: chain[0], chain: () => chain };
  return identifyServer(
    { table: NO_PARTNERS, cache: new PathCache(1), revocationOf },
    { ...partner, newestFirst },
    askedFor,
    { ...shown, ocspResponse, sourceAddress, resumed: false, atMs },
  );
}
