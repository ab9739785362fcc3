import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { isSignedBy } from '@sallyport/shared/x509/certificate-signature.ts';
import { sameName } from '@sallyport/shared/x509/distinguished-name.ts';

/** Certificates sorted by what they are for; each stands once in the list that it belongs to. */
export interface CertificateSet {
  /** Roots; a self-signed end-entity certificate is one too, for nothing else can vouch for it. */
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  /** End-entity certificates, self-signed ones included. */
  readonly leaves: readonly Certificate[];
}

/**
 * Sorts certificates into anchors, intermediates and leaves.
 *
 * Which ones are anchors the caller says: mostly the self-signed ones, but a partner may ask to be trusted by
 * an intermediate. Nothing is judged: see trust-problems.
 */
export function sortCertificates(
  certificates: readonly Certificate[],
  isAnchor: (certificate: Certificate) => boolean,
): CertificateSet {
  const unique = [...new Map(certificates.map((one) => [one.fingerprintSha256, one])).values()];
  return {
    anchors: unique.filter(isAnchor),
    intermediates: unique.filter((one) => isAuthority(one) && !isAnchor(one)),
    leaves: unique.filter((one) => !isAuthority(one)),
  };
}

/**
 * Whether a certificate is signed with its own key.
 *
 * One whose algorithm we do not verify counts by its names: its signature is not relied on, and an old
 * root should be called a weak root, not a stranger.
 */
export function isSelfSigned(certificate: Certificate): boolean {
  if (!sameName(certificate.subjectName, certificate.issuerName)) return false;
  const { authorityKeyId, subjectKeyId } = certificate.extensions;
  if (certificate.signatureAlgorithm !== undefined && isSignedBy(certificate, certificate))
    return true;
  const isJudged =
    certificate.signatureAlgorithm !== undefined && certificate.publicKeyInfo.type !== 'other';
  return !isJudged && (authorityKeyId === undefined || authorityKeyId === subjectKeyId);
}

/** Version 1 has no mark of an authority: self-signed, it can only have been meant as a root. */
function isAuthority(certificate: Certificate): boolean {
  const { basicConstraints } = certificate.extensions;
  if (certificate.version < 3) return isSelfSigned(certificate);
  return basicConstraints?.isCa === true;
}
