import { dayText } from '@sallyport/shared/io/time-text.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { sameName } from '@sallyport/shared/x509/distinguished-name.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { defaultPathPolicy, type PathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import type { PathFault } from '@sallyport/shared/x509/path-rules.ts';
import { CLIENT_AUTH, grantsPurpose } from '@sallyport/shared/x509/purpose.ts';
import { coversDomain, sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import {
  certificateProblems,
  type JudgedAt,
  shownName,
  type TrustProblem,
} from './certificate-problems.ts';
import { pathWords } from './path-words.ts';
import type { CertificateSet } from './received-set.ts';

/** A received set of keys and what is known about the partner that it is meant for. */
export interface TrustQuestion extends CertificateSet, JudgedAt {
  readonly pins: readonly string[];
  readonly privateKeysIgnored: number;
  readonly partner: {
    readonly domains: readonly string[];
    /** Certificates that may speak for domains which they do not name. */
    readonly delegations: readonly {
      readonly certificate: string;
      readonly domains: readonly string[];
    }[];
    readonly purposes: 'federation' | 'strict';
    readonly acceptNoExtendedKeyUsage: boolean;
    /** Highest sequence number of its offers so far; 0: none. */
    readonly receivedSequence: number;
  };
  /** Of an offer in our own format. */
  readonly offer?: { readonly sequence: number; readonly expiresAtMs: number };
  /** `trustFingerprint` of the set. */
  readonly fingerprint: string;
  /** What other partners gave us that is not retired or rejected. */
  readonly others: readonly {
    readonly partner: string;
    readonly fingerprints: readonly string[];
    /** Base64 SHA-256 of the public keys of anchors, intermediates and pins. */
    readonly spkis: readonly string[];
  }[];
}

/** What is said already, certificate by certificate and more clearly. */
const SAID_ELSEWHERE: ReadonlySet<PathFault> = new Set([
  'path-expired',
  'path-not-yet-valid',
  'path-version-unsupported',
  'path-serial-malformed',
  'path-key-refused',
  'path-algorithm-refused',
  'path-critical-extension-unhandled',
  'path-key-usage-refused',
]);

/**
 * Everything that is wrong with a received set, all at once: an operator mails the list back to the partner.
 *
 * Nothing here decides: a set with an error is refused elsewhere. Revocation is not looked up.
 */
export function trustProblems(question: TrustQuestion): readonly TrustProblem[] {
  const { anchors, intermediates, leaves } = question;
  const isAlsoAnchor = (leaf: Certificate) => anchors.includes(leaf);
  return [
    ...fileProblems(question),
    ...anchors.flatMap((one) => certificateProblems(one, 'anchor', question)),
    ...intermediates.flatMap((one) => certificateProblems(one, 'intermediate', question)),
    ...leaves.flatMap((one) =>
      certificateProblems(one, 'leaf', question).filter(
        ({ code }) => !isAlsoAnchor(one) || code.startsWith('name-') || code === 'key-usage',
      ),
    ),
    ...authorityPathProblems(question),
    ...leaves.flatMap((one) => purposeProblems(one, question)),
    ...leaves.flatMap((one) => leafPathProblems(one, question)),
    ...domainProblems(question),
    ...otherPartnerProblems(question),
  ];
}

function fileProblems(question: TrustQuestion): readonly TrustProblem[] {
  const { offer, partner, anchors, pins, nowMs, warnBeforeMs } = question;
  const problems: TrustProblem[] = [];
  if (anchors.length === 0 && pins.length === 0) {
    const message =
      'there is no root among the certificates: ask for it, or name the authority that shall be trusted by its SHA-256 (--root)';
    problems.push({ severity: 'error', code: 'anchor-missing', message });
  }
  if (question.privateKeysIgnored > 0) {
    const message =
      'the file holds a private key, which was not read: the partner should replace that key';
    problems.push({ severity: 'warning', code: 'private-key-included', message });
  }
  if (question.leaves.length === 0 && offer === undefined) {
    const message = 'no end-entity certificate: names and purposes could not be checked';
    problems.push({ severity: 'note', code: 'leaf-missing', message });
  }
  if (offer === undefined) return problems;
  if (offer.sequence <= partner.receivedSequence) {
    const message = `offer ${offer.sequence} is not newer than ${partner.receivedSequence}, which was received before`;
    problems.push({ severity: 'error', code: 'sequence-back', message });
  }
  if (nowMs > offer.expiresAtMs) {
    const message = `the offer ended on ${dayText(offer.expiresAtMs)}: ask for a new one`;
    problems.push({ severity: 'error', code: 'offer-expired', message });
  } else if (nowMs + Math.min(warnBeforeMs, 7 * 86_400_000) >= offer.expiresAtMs) {
    const message = `the offer ends on ${dayText(offer.expiresAtMs)}`;
    problems.push({ severity: 'warning', code: 'offer-expires-soon', message });
  }
  return problems;
}

/** Links between authorities, which a path would use whatever the leaf is. */
function authorityPathProblems({ anchors, intermediates, leaves }: TrustQuestion) {
  const authorities = [...anchors, ...intermediates];
  return intermediates.flatMap((one): TrustProblem[] => {
    const issuers = authorities.filter((above) => sameName(above.subjectName, one.issuerName));
    const certificate = one.fingerprintSha256;
    if (issuers.length === 0) {
      const message = `${shownName(one)}: its issuer is not in the file`;
      return [
        {
          severity: leaves.length > 0 ? 'note' : 'warning',
          code: 'chain-incomplete',
          message,
          certificate,
        },
      ];
    }
    const isBarred = issuers.every((above) => above.extensions.basicConstraints?.pathLength === 0);
    const message = `${shownName(one)}: its issuer allows no authority below it`;
    return isBarred ? [{ severity: 'error', code: 'path-length', message, certificate }] : [];
  });
}

function purposeProblems(leaf: Certificate, { partner }: TrustQuestion): readonly TrustProblem[] {
  const policy = policyOf(partner);
  const usage = leaf.extensions.extendedKeyUsage;
  const isServer = grantsPurpose([leaf], 'server', policy);
  const isClient =
    grantsPurpose([leaf], 'client', policy) &&
    (partner.purposes === 'federation' || usage === undefined || usage.includes(CLIENT_AUTH));
  const told = (severity: TrustProblem['severity'], code: TrustProblem['code'], what: string) => [
    { severity, code, message: `${shownName(leaf)}: ${what}`, certificate: leaf.fingerprintSha256 },
  ];
  if (!isServer && !isClient)
    return told('error', 'purpose-none-fits', 'is made for neither side of TLS');
  if (usage === undefined)
    return told('note', 'purpose-not-stated', 'states no purpose, so it fits any');
  if (!isServer)
    return told(
      'warning',
      'purpose-no-server',
      'we cannot connect to a host that shows it (no serverAuth)',
    );
  if (!isClient)
    return told(
      'warning',
      'purpose-no-client',
      'a host that shows it cannot connect to us (no clientAuth, strict purposes)',
    );
  return [];
}

function leafPathProblems(leaf: Certificate, question: TrustQuestion): readonly TrustProblem[] {
  const { anchors, intermediates, pins, partner, nowMs } = question;
  if (anchors.length === 0) return [];
  const policy = policyOf(partner);
  const purpose = (['server', 'client'] as const).find((one) => grantsPurpose([leaf], one, policy));
  if (purpose === undefined) return [];
  const path = validatePath({ leaf, intermediates, anchors, pins, purpose, policy, atMs: nowMs });
  if (path.ok || SAID_ELSEWHERE.has(path.error)) return [];
  const isMissing = path.error === 'path-not-found';
  const what = isMissing ? 'no way leads from it to a root of this file' : pathWords(path.error);
  return [
    {
      severity: 'error',
      code: isMissing ? 'chain-incomplete' : 'path-refused',
      message: `${shownName(leaf)}: ${what}`,
      certificate: leaf.fingerprintSha256,
    },
  ];
}

/** One certificate may stand for some domains and the next for others; none at all for any is a mistake. */
function domainProblems({ leaves, partner }: TrustQuestion): readonly TrustProblem[] {
  if (leaves.length === 0) return [];
  const covers = (domain: string) => leaves.some((leaf) => coversDomain(leaf, domain));
  const delegated = partner.delegations.filter(({ certificate }) => covers(certificate));
  const missing = partner.domains.filter(
    (domain) => !covers(domain) && !delegated.some(({ domains }) => domains.includes(domain)),
  );
  if (missing.length > 0 && missing.length === partner.domains.length) {
    const named = leaves.flatMap((leaf) => sipIdentities(leaf).domains).slice(0, 5);
    const message = `no certificate stands for any domain of this partner; they name ${named.join(', ') || 'no domain'}`;
    return [{ severity: 'error', code: 'no-domain-covered', message }];
  }
  return missing.map((domain) => ({
    severity: 'warning',
    code: 'domain-not-covered',
    message: `no certificate stands for ${domain}: its messages would be refused`,
  }));
}

/** Two partners with one authority are usual; two with one key are one company, or a mix-up of files. */
function otherPartnerProblems(question: TrustQuestion): readonly TrustProblem[] {
  const { anchors, intermediates, leaves, pins, fingerprint } = question;
  return question.others.flatMap(({ partner, fingerprints, spkis }): TrustProblem[] => {
    if (fingerprints.includes(fingerprint)) {
      const message = `${partner} gave the very same set: is it the right file?`;
      return [{ severity: 'warning', code: 'same-set-as-partner', message }];
    }
    const keys = [...leaves.map(({ spkiSha256 }) => spkiSha256), ...pins];
    if (keys.some((spki) => spkis.includes(spki))) {
      const message = `a key of this set is also one of ${partner}`;
      return [{ severity: 'warning', code: 'same-key-as-partner', message }];
    }
    const authorities = [...anchors, ...intermediates];
    if (!authorities.some(({ spkiSha256 }) => spkis.includes(spkiSha256))) return [];
    const message = `${partner} uses the same authority`;
    return [{ severity: 'note', code: 'same-anchor-as-partner', message }];
  });
}

/** A certificate that demands to be looked up is warned of by itself. */
function policyOf(partner: TrustQuestion['partner']): PathPolicy {
  const { acceptNoExtendedKeyUsage } = partner;
  return { ...defaultPathPolicy, acceptNoExtendedKeyUsage, refusesUnknownRevocation: true };
}
