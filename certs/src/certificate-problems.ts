import { dayText } from '@sallyport/shared/io/time-text.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { DerReader, Tag } from '@sallyport/shared/x509/der-reader.ts';
import { isDomainName } from '@sallyport/shared/x509/domain-name.ts';
import { KeyUsage } from '@sallyport/shared/x509/extensions.ts';
import {
  hasOrdinarySerial,
  isPlainlyCa,
  isUsedBeyondSigning,
} from '@sallyport/shared/x509/path-rules.ts';
import { isAcceptableKey } from '@sallyport/shared/x509/public-key.ts';
import { isSelfSigned } from './received-set.ts';

/** `error`: with it the set would not work or must not; `warning`: somebody should ask; `note`: good to know. */
export type ProblemSeverity = 'error' | 'warning' | 'note';

/** Everything that can be wrong with what was received; the names are stable. */
export type TrustProblemCode =
  | 'weak-key'
  | 'weak-signature'
  | 'version-old'
  | 'serial-odd'
  | 'expired'
  | 'expires-soon'
  | 'not-yet-valid'
  | 'critical-extension-unknown'
  | 'not-an-authority'
  | 'anchor-is-leaf'
  | 'key-usage'
  | 'path-length'
  | 'purpose-none-fits'
  | 'purpose-not-stated'
  | 'purpose-no-client'
  | 'purpose-no-server'
  | 'name-wildcard'
  | 'name-common-only'
  | 'name-odd'
  | 'domain-not-covered'
  | 'no-domain-covered'
  | 'anchor-missing'
  | 'leaf-missing'
  | 'chain-incomplete'
  | 'path-refused'
  | 'sequence-back'
  | 'offer-expired'
  | 'offer-expires-soon'
  | 'same-set-as-partner'
  | 'same-key-as-partner'
  | 'same-anchor-as-partner'
  | 'private-key-included'
  | 'key-mismatch'
  | 'chain-order-wrong'
  | 'certificate-extra'
  | 'clock-margin';

/** One thing that is wrong, and with which certificate. */
export interface TrustProblem {
  readonly severity: ProblemSeverity;
  readonly code: TrustProblemCode;
  readonly message: string;
  /** SHA-256, hexadecimal. */
  readonly certificate?: string;
}

/** What a certificate is there for. */
export type CertificateRole = 'anchor' | 'intermediate' | 'leaf';

/** When a certificate is judged, and how long before its end somebody should know. */
export interface JudgedAt {
  readonly nowMs: number;
  readonly warnBeforeMs: number;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.2', 'MD2 with RSA'],
  ['1.2.840.113549.1.1.4', 'MD5 with RSA'],
  ['1.2.840.113549.1.1.5', 'SHA-1 with RSA'],
  ['1.3.14.3.2.29', 'SHA-1 with RSA'],
  ['1.2.840.113549.1.1.14', 'SHA-224 with RSA'],
  ['1.2.840.113549.1.1.10', 'RSASSA-PSS other than with one SHA-2 hash and a salt as long as it'],
  ['1.2.840.10040.4.3', 'SHA-1 with DSA'],
  ['2.16.840.1.101.3.4.3.2', 'SHA-256 with DSA'],
  ['1.2.840.10045.4.1', 'SHA-1 with ECDSA'],
  ['1.2.840.10045.4.3.1', 'SHA-224 with ECDSA'],
  ['1.3.101.113', 'Ed448'],
  ['2.16.840.1.101.3.4.3.32', 'HashML-DSA-44'],
  ['2.16.840.1.101.3.4.3.33', 'HashML-DSA-65'],
  ['2.16.840.1.101.3.4.3.34', 'HashML-DSA-87'],
]);
const UNHANDLED: ReadonlyMap<string, string> = new Map([
  ['2.5.29.14', 'subjectKeyIdentifier is critical, as it must not be (RFC 5280 §4.2.1.2)'],
  ['2.5.29.30', 'nameConstraints is not critical, as it must be (RFC 5280 §4.2.1.10)'],
  [
    '2.5.29.32',
    'certificatePolicies is critical, with a qualifier that is not known here (RFC 5280 §4.2.1.4)',
  ],
  ['2.5.29.33', 'policyMappings maps any policy, as it must not (RFC 5280 §4.2.1.5)'],
  ['2.5.29.35', 'authorityKeyIdentifier is critical, as it must not be (RFC 5280 §4.2.1.1)'],
  ['2.5.29.36', 'policyConstraints is not critical, as it must be (RFC 5280 §4.2.1.11)'],
  ['2.5.29.54', 'inhibitAnyPolicy is not critical, as it must be (RFC 5280 §4.2.1.14)'],
]);
const SHOWN_CHARS_MAX = 80;
const DAY_MS = 86_400_000;

/** What is wrong with one certificate by itself: key, signature, dates, extensions, names. */
export function certificateProblems(
  certificate: Certificate,
  role: CertificateRole,
  at: JudgedAt,
): readonly TrustProblem[] {
  const problems = problemList(certificate);
  const { extensions, publicKeyInfo } = certificate;
  if (!isAcceptableKey(publicKeyInfo)) problems.add('error', 'weak-key', keyName(certificate));
  judgeSignature(certificate, role, problems);
  if (certificate.version !== 3) problems.add('error', 'version-old', 'it is not of version 3');
  judgeSerial(certificate, role, problems);
  if (isUsedBeyondSigning(certificate)) {
    problems.add(
      'error',
      'key-usage',
      'its key, of ML-DSA, is not for signing alone (RFC 9881 §5)',
    );
  }
  judgeDates(certificate, at, problems);
  for (const type of extensions.unhandledCritical) {
    problems.add('error', 'critical-extension-unknown', criticalText(type));
  }
  if (extensions.demandsRevocation) judgeDemand(role, problems);
  if (role === 'leaf') judgeLeaf(certificate, problems);
  else judgeAuthority(certificate, role, problems);
  return problems.all;
}

/** How a certificate is called in a message: its common name, first other name or unit, made safe to print. */
export function shownName(
  certificate: Certificate,
  nameless: string = certificate.fingerprintSha256.slice(0, 16),
): string {
  const { subjectAltName, subjectName } = certificate;
  const name =
    subjectName.commonNames[0] ??
    subjectAltName?.dns.find(Boolean) ??
    subjectAltName?.uri.find(Boolean) ??
    subjectName.organizations.at(-1) ??
    nameless;
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').slice(0, SHOWN_CHARS_MAX);
}

interface ProblemList {
  readonly all: TrustProblem[];
  add(severity: ProblemSeverity, code: TrustProblemCode, what: string): void;
}

function problemList(certificate: Certificate): ProblemList {
  const all: TrustProblem[] = [];
  return {
    all,
    add(severity, code, what) {
      const message = `${shownName(certificate)}: ${what}`;
      all.push({ severity, code, message, certificate: certificate.fingerprintSha256 });
    },
  };
}

/** What is wrong with an extension that a path would be refused by. */
function criticalText(type: string): string {
  const wrong = UNHANDLED.get(type);
  return wrong ?? `critical extension ${type} is not known here`;
}

function keyName({ publicKeyInfo: { type, bits } }: Certificate): string {
  if (type === 'rsa' || type === 'rsa-pss')
    return `RSA key of ${bits} bits; 2048 to 8192 are accepted`;
  if (type === 'ec') return 'its elliptic curve is none of P-256, P-384 and P-521, called by name';
  return 'its key is of a kind that is not accepted; RSA, P-256, P-384, P-521, Ed25519 and ML-DSA are';
}

/** A root's signature proves nothing, so that an old one is no reason to refuse it. */
function judgeSignature(
  certificate: Certificate,
  role: CertificateRole,
  problems: ProblemList,
): void {
  if (certificate.signatureAlgorithm !== undefined) return;
  const type = signatureType(certificate);
  const isReliedOn = role !== 'anchor' || !isSelfSigned(certificate);
  const name = NAMES.get(type) ?? `an algorithm that is not accepted (${type})`;
  problems.add(isReliedOn ? 'error' : 'note', 'weak-signature', `signed with ${name}`);
}

/** Anchors are trusted as they are; below them a number counts, for it is what is revoked. */
function judgeSerial(certificate: Certificate, role: CertificateRole, problems: ProblemList): void {
  if (role === 'anchor' || hasOrdinarySerial(certificate)) return;
  const what = 'its serial number is zero, negative or longer than 20 octets (RFC 5280 §4.1.2.2)';
  problems.add('error', 'serial-odd', what);
}

/** Critical cRLDistributionPoints: no list is asked about an anchor, and about others as the partner's settings have it. */
function judgeDemand(role: CertificateRole, problems: ProblemList): void {
  const what = 'its cRLDistributionPoints are critical';
  const [severity, then] =
    role === 'anchor'
      ? (['error', 'no list is asked about an anchor'] as const)
      : ([
          'warning',
          'it is let in only under "revocation: hard-fail" (RFC 5280 §4.2.1.13)',
        ] as const);
  problems.add(severity, 'critical-extension-unknown', `${what}: ${then}`);
}

function signatureType(certificate: Certificate): string {
  const outer = DerReader.over(certificate.der).enter(Tag.sequence);
  outer.whole(Tag.sequence);
  return outer.enter(Tag.sequence).objectIdentifier();
}

function judgeDates(certificate: Certificate, at: JudgedAt, problems: ProblemList): void {
  const { notBeforeMs, notAfterMs } = certificate;
  if (at.nowMs > notAfterMs) {
    problems.add('error', 'expired', `ended on ${dayText(notAfterMs)}`);
  } else if (at.nowMs + at.warnBeforeMs >= notAfterMs) {
    const days = Math.floor((notAfterMs - at.nowMs) / DAY_MS);
    problems.add('warning', 'expires-soon', `ends on ${dayText(notAfterMs)}, in ${days} days`);
  }
  if (at.nowMs < notBeforeMs) {
    const start = new Date(notBeforeMs).toISOString();
    problems.add('warning', 'not-yet-valid', `begins only at ${start}; is the clock here right?`);
  }
}

function judgeAuthority(
  certificate: Certificate,
  role: CertificateRole,
  problems: ProblemList,
): void {
  const { basicConstraints, keyUsage } = certificate.extensions;
  if (basicConstraints?.isCa !== true) {
    if (role === 'anchor' && certificate.version === 3) {
      problems.add(
        'warning',
        'anchor-is-leaf',
        'only this very certificate will be accepted, until its end',
      );
    } else {
      problems.add('error', 'not-an-authority', 'is not marked as an authority');
    }
  } else if (keyUsage !== undefined && (keyUsage & KeyUsage.keyCertSign) === 0) {
    problems.add('error', 'key-usage', 'its key may not sign certificates');
  } else if (role === 'anchor' && !isPlainlyCa(certificate)) {
    const remedy = 'take the one below it, from a file without this, with --root and its SHA-256';
    problems.add(
      'error',
      'not-an-authority',
      `is not critically marked as an authority (RFC 5280 §4.2.1.9): ${remedy}`,
    );
  }
}

function judgeLeaf(certificate: Certificate, problems: ProblemList): void {
  const { keyUsage } = certificate.extensions;
  if (keyUsage !== undefined && (keyUsage & KeyUsage.digitalSignature) === 0) {
    problems.add('error', 'key-usage', 'its key may not sign TLS handshakes');
  }
  const { subjectAltName } = certificate;
  if (subjectAltName === undefined) {
    problems.add(
      'warning',
      'name-common-only',
      'has its name only as common name, which is out of use',
    );
    return;
  }
  const wildcards = subjectAltName.dns.filter((name) => name.startsWith('*.'));
  if (wildcards.length > 0) {
    problems.add(
      'warning',
      'name-wildcard',
      `${wildcards[0]} stands for no SIP domain (RFC 5922 §7.2)`,
    );
  }
  const odd = subjectAltName.dns.filter((name) => !name.startsWith('*.') && !isDomainName(name));
  if (odd.length > 0) {
    const shown = odd[0]?.slice(0, SHOWN_CHARS_MAX);
    problems.add('warning', 'name-odd', `"${shown}" is no host name and counts for nothing`);
  }
}
