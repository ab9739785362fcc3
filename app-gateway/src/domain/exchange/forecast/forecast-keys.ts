import { CLIENT_AUTH } from '@sallyport/shared/x509/purpose.ts';
import { identitySubject, isPresentable, keyName } from '../identity/identity-keys.ts';
import type { IdentityKey, IdentityRecord } from '../identity/identity-record.ts';
import { presentedKeyOf } from '../identity/presented-key.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { acceptedTrustOf } from '../trust/accepted-trust.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import { clientAuthSunset } from './client-auth-sunset.ts';
import { algorithmProspects } from './forecast-algorithms.ts';
import { type CertificatesOf, nameOf, type Prospect } from './foresight.ts';

/** What will go wrong with our own keys, whoever sees them. */
export function identityProspects(
  { name, keys }: IdentityRecord,
  certificatesOf: CertificatesOf,
  atMs: number,
): readonly Prospect[] {
  const at = { subject: identitySubject(name) };
  return keys.filter(isPresentable).flatMap((key) => {
    const chain = certificatesOf(key.chainPem ?? '');
    const anchors = certificatesOf(key.anchorsPem ?? '');
    const sunsetMs = [...chain.slice(1), ...anchors]
      .map(clientAuthSunset)
      .find((date) => date !== undefined);
    const hasClientAuth = chain[0]?.extensions.extendedKeyUsage?.includes(CLIENT_AUTH) === true;
    const prospects: Prospect[] = chain.flatMap((certificate) =>
      algorithmProspects(certificate, false, atMs, at),
    );
    const whenMs = endOf(key, certificatesOf);
    if (whenMs !== undefined) {
      const message = `the certificate of ${keyName(name, key.id)} (${key.state}) ends`;
      prospects.push({ ...at, what: 'own-certificate-ends', whenMs, breaks: false, message });
    }
    if (hasClientAuth && sunsetMs !== undefined && chain[0] !== undefined) {
      const message = `${nameOf(chain[0])} will be renewed without clientAuth: partners that demand it turn us away`;
      const what = 'client-auth-sunset';
      prospects.push({ ...at, what, whenMs: sunsetMs, breaks: false, message });
    }
    return prospects;
  });
}

/** What will go wrong with what we show to one partner. */
export function presentationProspects(
  record: PartnerRecord,
  identities: readonly IdentityRecord[],
  certificatesOf: CertificatesOf,
): readonly Prospect[] {
  if (acceptedTrustOf(record).length === 0) return [];
  const at = { subject: partnerSubject(record.id), direction: 'presented' } as const;
  const presented = presentedKeyOf(record, identities);
  const prospects: Prospect[] = [];
  const whenMs = presented && endOf(presented.key, certificatesOf);
  if (presented !== undefined && whenMs !== undefined) {
    const shown = keyName(presented.identity.name, presented.key.id);
    const message = `the certificate that we show it, ${shown}, ends`;
    prospects.push({ ...at, what: 'own-certificate-ends', whenMs, breaks: true, message });
  }
  for (const { state, identity, key, offerExpiresAtMs } of record.presentations) {
    if (state !== 'offered' || offerExpiresAtMs === undefined) continue;
    const message = `the offer with ${keyName(identity, key)} ends, and no handshake has used it`;
    const ends = { whenMs: offerExpiresAtMs, breaks: false, message };
    prospects.push({ ...at, what: 'own-offer-ends', ...ends });
  }
  return prospects;
}

/** A chain is as good as the first of its certificates to end. */
function endOf({ chainPem, notAfterMs }: IdentityKey, certificatesOf: CertificatesOf) {
  const ends = certificatesOf(chainPem ?? '').map((certificate) => certificate.notAfterMs);
  if (ends.length === 0) return notAfterMs;
  return Math.min(...ends, notAfterMs ?? Infinity);
}
