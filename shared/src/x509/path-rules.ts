import { type Certificate, isSelfIssued } from './certificate.ts';
import { holdPolicies } from './certificate-policies.ts';
import { isQualifiedDomainName } from './domain-name.ts';
import { KeyUsage } from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import { isMlDsa } from './ml-dsa.ts';
import { allowsNames } from './name-constraints.ts';
import type { PathPolicy } from './path-policy.ts';
import { isAcceptableKey } from './public-key.ts';
import { grantsPurpose, type Purpose } from './purpose.ts';
import { sipIdentities } from './sip-identity.ts';

/** Why a peer's certificate leads to none of the partner's anchors. */
export type PathFault =
  | 'path-not-found'
  | 'path-search-exhausted'
  | 'path-too-long'
  | 'path-signature-bad'
  | 'path-not-yet-valid'
  | 'path-expired'
  | 'path-version-unsupported'
  | 'path-serial-malformed'
  | 'path-name-empty'
  | 'path-key-refused'
  | 'path-algorithm-refused'
  | 'path-critical-extension-unhandled'
  | 'path-key-usage-refused'
  | 'path-issuer-not-ca'
  | 'path-length-exceeded'
  | 'path-purpose-refused'
  | 'path-name-constraint-violated'
  | 'path-policy-refused'
  | 'path-pin-mismatch';

const ORDINARY_SERIAL = /^(?!0+$)[0-7][0-9a-f]{1,39}$/;
const SECOND_MS = 1000;
const OTHER_THAN_SIGNING =
  KeyUsage.keyEncipherment |
  KeyUsage.dataEncipherment |
  KeyUsage.keyAgreement |
  KeyUsage.encipherOnly |
  KeyUsage.decipherOnly;

/** Rules for the peer's own certificate. */
export function leafFault(leaf: Certificate, atMs: number): PathFault | undefined {
  const { keyUsage, basicConstraints, nameConstraints, subjectAltName } = leaf.extensions;
  const common = commonFault(leaf, atMs) ?? subordinateFault(leaf);
  if (common !== undefined) return common;
  // A certificate without subject lives by its other names alone (RFC 5280 §4.1.2.6).
  if (leaf.subjectName.rdns.length === 0 && subjectAltName?.isCritical !== true) {
    return 'path-name-empty';
  }
  const isCa = basicConstraints?.isCa === true;
  if (!isCa && nameConstraints !== undefined) return 'path-critical-extension-unhandled';
  if (keyUsage === undefined) return undefined;
  // The handshake is a signature (RFC 8446 §4.4.2.2); only CAs may sign certificates (RFC 5280 §4.2.1.3).
  const signsHandshake = (keyUsage & KeyUsage.digitalSignature) !== 0;
  const signsCertificates = (keyUsage & KeyUsage.keyCertSign) !== 0;
  return signsHandshake && (isCa || !signsCertificates) ? undefined : 'path-key-usage-refused';
}

/** Rules for a certificate that another one rests on, anchors included (RFC 5280 §6.1.4, RFC 5937). */
export function issuerFault(issuer: Certificate, atMs: number): PathFault | undefined {
  const { basicConstraints, keyUsage } = issuer.extensions;
  if (basicConstraints?.isCa !== true) return 'path-issuer-not-ca';
  if (keyUsage !== undefined && (keyUsage & KeyUsage.keyCertSign) === 0) {
    return 'path-key-usage-refused';
  }
  return issuer.subjectName.rdns.length === 0 ? 'path-name-empty' : commonFault(issuer, atMs);
}

/** Rules for a certificate whose word counts only because someone above signed it. */
export function subordinateFault(certificate: Certificate): PathFault | undefined {
  if (certificate.signatureAlgorithm === undefined) return 'path-algorithm-refused';
  if (certificate.issuerName.rdns.length === 0) return 'path-name-empty';
  // Public roots carry zero, negative and longer ones; what they issue is refused with such a number.
  return hasOrdinarySerial(certificate) ? undefined : 'path-serial-malformed';
}

/** Whether the serial number is above zero and has at most 20 octets (RFC 5280 §4.1.2.2). */
export function hasOrdinarySerial({ serialHex }: Certificate): boolean {
  return ORDINARY_SERIAL.test(serialHex);
}

/** Whether an ML-DSA key, which can only sign, is said to be for more than that (RFC 9881 §5). */
export function isUsedBeyondSigning({ extensions, publicKeyInfo }: Certificate): boolean {
  const isMore = ((extensions.keyUsage ?? 0) & OTHER_THAN_SIGNING) !== 0;
  return isMore && isMlDsa(publicKeyInfo.type);
}

/** Rules for a path as a whole, its signatures already verified: leaf first, anchor last. */
export function pathFault(
  path: readonly Certificate[],
  purpose: Purpose,
  policy: PathPolicy,
): PathFault | undefined {
  const anchor = path.at(-1) as Certificate;
  if (path.length > 1 && !isPlainlyCa(anchor)) return 'path-issuer-not-ca';
  if (!keepsPathLengths(path)) return 'path-length-exceeded';
  if (!obeysDistributionPoints(path, policy)) return 'path-critical-extension-unhandled';
  if (!grantsPurpose(path, purpose, policy)) return 'path-purpose-refused';
  if (!keepsNameConstraints(path)) return 'path-name-constraint-violated';
  return holdPolicies(path.slice(0, -1).toReversed(), anchor) ? undefined : 'path-policy-refused';
}

/** Lists are asked for as a policy has it, and never about an anchor: whoever insists is obeyed, or refused. */
function obeysDistributionPoints(path: readonly Certificate[], policy: PathPolicy): boolean {
  const asked = policy.refusesUnknownRevocation ? path.slice(-1) : path;
  return !asked.some(({ extensions }) => extensions.demandsRevocation);
}

function commonFault(certificate: Certificate, atMs: number): PathFault | undefined {
  if (certificate.version !== 3) return 'path-version-unsupported';
  // Both ends belong to the period, the last one as the whole second that it names (RFC 5280 §4.1.2.5).
  if (atMs < certificate.notBeforeMs) return 'path-not-yet-valid';
  if (atMs >= certificate.notAfterMs + SECOND_MS) return 'path-expired';
  if (!isAcceptableKey(certificate.publicKeyInfo)) return 'path-key-refused';
  if (isUsedBeyondSigning(certificate)) return 'path-key-usage-refused';
  return certificate.extensions.unhandledCritical.length > 0
    ? 'path-critical-extension-unhandled'
    : undefined;
}

/**
 * Whether an anchor says that it is an authority in the way the standard demands of it, critical (RFC 5280 §4.2.1.9).
 *
 * Of authorities below it no more is asked than §6.1.4 (k) does: they may be none of the partner's making.
 */
export function isPlainlyCa({ extensions }: Certificate): boolean {
  return extensions.basicConstraints?.isCa === true && extensions.basicConstraints.isCritical;
}

/** pathLenConstraint counts the CA certificates below, without self-issued ones (RFC 5280 §4.2.1.9). */
function keepsPathLengths(path: readonly Certificate[]): boolean {
  let intermediates = 0;
  for (const issuer of path.slice(1)) {
    if (intermediates > (issuer.extensions.basicConstraints?.pathLength ?? Infinity)) return false;
    if (!isSelfIssued(issuer)) intermediates++;
  }
  return true;
}

/** How many names of a path are compared with subtrees of name constraints, at most. */
export function nameComparisonsOf(path: readonly Certificate[]): number {
  let comparisons = 0;
  for (const { constraints, names } of constrainedBy(path)) {
    comparisons += (constraints.permitted.length + constraints.excluded.length) * names.length;
  }
  return comparisons;
}

function keepsNameConstraints(path: readonly Certificate[]): boolean {
  for (const { constraints, names } of constrainedBy(path)) {
    if (!allowsNames(constraints, names)) return false;
  }
  return true;
}

/** Each CA's name space binds all below it, except self-issued CAs (RFC 5280 §6.1.3 (b), (c)). */
function* constrainedBy(path: readonly Certificate[]) {
  for (const [n, { extensions }] of path.entries()) {
    const constraints = extensions.nameConstraints;
    if (constraints === undefined) continue;
    for (const [m, certificate] of path.slice(0, n).entries()) {
      if (m > 0 && isSelfIssued(certificate)) continue;
      yield { constraints, names: constrainedNames(certificate, m === 0) };
    }
  }
}

/**
 * Without subjectAltName, the mail addresses in the subject and the leaf's host name are bound too.
 *
 * RFC 5922 makes a domain of a SIP URI, which RFC 5280 has no constraint for that could be met: what an authority may
 * not name as a host, it may not name so either.
 */
function constrainedNames(certificate: Certificate, isLeaf: boolean): readonly GeneralName[] {
  const { subjectName, subjectAltName } = certificate;
  const subject: GeneralName[] =
    subjectName.rdns.length === 0 ? [] : [{ kind: 'directory', name: subjectName }];
  const toHost = (text: string): GeneralName => ({ kind: 'dns', text });
  if (subjectAltName !== undefined) {
    const { source, domains } = sipIdentities(certificate);
    const sipDomains = isLeaf && source === 'uri' ? domains.map(toHost) : [];
    return [...subject, ...subjectAltName.names, ...sipDomains];
  }
  const emails = subjectName.emails.map((text): GeneralName => ({ kind: 'email', text }));
  const hosts = isLeaf ? subjectName.commonNames.filter(isQualifiedDomainName) : [];
  return [...subject, ...emails, ...hosts.map(toHost)];
}
