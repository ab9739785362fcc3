import type { Site } from '../../../config/site.ts';
import { type CertificatesOf, nameOf, type Prospect } from './foresight.ts';

/** Certificates that lie in the site's files and the gateway's bundle, where nobody looks for years. */
export interface HeldCertificates {
  /** `community/chat`, `siem/soc`, `authority/channel-issuing`, `authority/database`. */
  readonly subject: string;
  /** `authority`: what we judge others by, or issue with; `own`: what we show. */
  readonly kind: 'authority' | 'own';
  readonly pem: string;
}

/** The authorities of the site's channels, PEM; a bundle of before has none that issues. */
export interface ChannelAuthorities {
  readonly rootPem: string;
  readonly issuingPem: string | undefined;
}

/** What a gateway holds beside partners' keys and our public ones. */
export function heldCertificates(
  { communities, siem, databaseCaPem }: Pick<Site, 'communities' | 'siem' | 'databaseCaPem'>,
  { rootPem, issuingPem = '' }: ChannelAuthorities,
): readonly HeldCertificates[] {
  return [
    { subject: 'authority/site-ca', kind: 'authority', pem: rootPem },
    { subject: 'authority/channel-issuing', kind: 'authority', pem: issuingPem },
    { subject: 'authority/database', kind: 'authority', pem: databaseCaPem },
    ...communities.flatMap(({ id, caPem, identity }): readonly HeldCertificates[] => [
      { subject: `community/${id}`, kind: 'authority', pem: caPem },
      { subject: `community/${id}`, kind: 'own', pem: identity.chainPem },
    ]),
    ...siem.flatMap(({ name, caPem, identity }): readonly HeldCertificates[] => [
      { subject: `siem/${name}`, kind: 'authority', pem: caPem },
      { subject: `siem/${name}`, kind: 'own', pem: identity?.chainPem ?? '' },
    ]),
  ];
}

/** When each of them ends; a chain ends with the first of its certificates. */
export function heldProspects(
  held: readonly HeldCertificates[],
  certificatesOf: CertificatesOf,
): readonly Prospect[] {
  return held.flatMap(({ subject, kind, pem }): readonly Prospect[] => {
    const certificates = certificatesOf(pem);
    if (kind === 'authority') {
      return certificates.map((certificate) => {
        const message = `the authority ${nameOf(certificate)} ends`;
        const whenMs = certificate.notAfterMs;
        return { subject, what: 'authority-ends', whenMs, breaks: false, message };
      });
    }
    const [leaf] = certificates;
    if (leaf === undefined) return [];
    const whenMs = Math.min(...certificates.map(({ notAfterMs }) => notAfterMs));
    const message = `the certificate that we show there, ${nameOf(leaf)}, ends`;
    return [{ subject, what: 'own-certificate-ends', whenMs, breaks: false, message }];
  });
}
