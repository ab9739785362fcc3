import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { whyNotShown } from '@sallyport/shared/io/shown-in-tls.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { CLIENT_AUTH, SERVER_AUTH } from '@sallyport/shared/x509/purpose.ts';
import { sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import { whyUnreadable } from '@sallyport/shared/x509/unreadable-certificate.ts';
import { type CertificateFinding, checkDates, noCertificate } from './check-anchors.ts';

/** A finding about one of the two files of a certificate of ours. */
export interface OwnCertificateFinding extends CertificateFinding {
  readonly part: 'chain' | 'key';
}

/** What a certificate of ours stands for, and what is wrong with it. */
export interface OwnCertificateCheck {
  /** SIP domains it proves (RFC 5922 §7.1); empty when it could not be read. */
  readonly domains: readonly string[];
  /** Addresses it proves, for partners that dial us by one. */
  readonly addresses: readonly string[];
  readonly findings: readonly OwnCertificateFinding[];
}

const CHAIN_CERTIFICATES_MAX = 8;
const ANY_USAGE = '2.5.29.37.0';

/**
 * Judges a certificate chain of ours and its private key: readable, in date, made for each other and for the ends of
 * a connection at which we show it, and strong enough for TLS.
 */
export function checkOwnCertificate(
  chainPem: string,
  keyPem: string,
  nowMs: number,
  end: 'both' | 'client' = 'both',
): OwnCertificateCheck {
  const key = checkKey(keyPem);
  const ders = decodePem(chainPem, 'CERTIFICATE');
  const [leafDer] = ders;
  if (leafDer === undefined) return found(key.findings, about('chain', noCertificate(chainPem)));
  if (ders.length > CHAIN_CERTIFICATES_MAX) {
    const message = `holds ${ders.length} certificates, more than ${CHAIN_CERTIFICATES_MAX}: only our own and its intermediates belong here`;
    return found(key.findings, about('chain', { severity: 'error', message }));
  }
  const chain = ders.map((der) => parseCertificate(der));
  const broken = chain.findIndex((parsed) => !parsed.ok);
  const [leaf] = chain;
  if (broken >= 0 || !leaf?.ok) {
    const why = whyUnreadable(ders[broken] ?? leafDer);
    const message = `certificate ${broken + 1} of the chain cannot be used: ${why}`;
    return found(key.findings, about('chain', { severity: 'error', message }));
  }
  const dates = chain.flatMap((parsed, index) =>
    parsed.ok
      ? checkDates(
          parsed.value,
          index === 0 ? 'the certificate' : `certificate ${index + 1} of the chain`,
          nowMs,
        )
      : [],
  );
  return {
    domains: sipIdentities(leaf.value).domains,
    addresses: leaf.value.subjectAltName?.ip ?? [],
    findings: [
      ...key.findings,
      ...[...dates, ...checkPurposes(leaf.value, end)].map((finding) => about('chain', finding)),
      ...checkMatch(leafDer, key.value, chainPem, keyPem),
    ],
  };
}

function checkKey(keyPem: string): {
  readonly value: KeyObject | undefined;
  readonly findings: readonly OwnCertificateFinding[];
} {
  if (/ENCRYPTED/.test(keyPem)) {
    const message =
      'is encrypted, and a gateway starts without an operator to ask; write it without a passphrase, readable by the service alone';
    return { value: undefined, findings: [about('key', { severity: 'error', message })] };
  }
  try {
    return { value: createPrivateKey(keyPem), findings: [] };
  } catch {
    const message =
      'holds no readable PEM private key; convert DER with: openssl pkey -inform der -in FILE';
    return { value: undefined, findings: [about('key', { severity: 'error', message })] };
  }
}

/** As one certificate serves both directions, strict peers want both purposes in it. */
function checkPurposes(leaf: Certificate, end: 'both' | 'client'): readonly CertificateFinding[] {
  const usages = leaf.extensions.extendedKeyUsage;
  if (usages === undefined || usages.includes(ANY_USAGE)) return [];
  if (end === 'client') {
    const message = 'the certificate is not made for clients (clientAuth)';
    return usages.includes(CLIENT_AUTH) ? [] : [{ severity: 'error', message }];
  }
  if (!usages.includes(SERVER_AUTH)) {
    return [{ severity: 'error', message: 'the certificate is not made for servers (serverAuth)' }];
  }
  if (usages.includes(CLIENT_AUTH)) return [];
  const message =
    'the certificate lacks clientAuth: partners with strict software will refuse our connections to them';
  return [{ severity: 'warning', message }];
}

/** Made for each other, and such as TLS takes them: where it does not, no connection could begin. */
function checkMatch(
  leafDer: Buffer,
  key: KeyObject | undefined,
  chainPem: string,
  keyPem: string,
): readonly OwnCertificateFinding[] {
  if (key === undefined) return [];
  if (!isKeyOf(leafDer, key)) {
    const message = 'does not belong to the first certificate of the chain';
    return [about('key', { severity: 'error', message })];
  }
  const why = whyNotShown(chainPem, keyPem);
  if (why === undefined) return [];
  const message = `cannot be shown in TLS, says OpenSSL: ${why}`;
  return [about('chain', { severity: 'error', message })];
}

function isKeyOf(leafDer: Buffer, key: KeyObject): boolean {
  try {
    return new X509Certificate(leafDer).checkPrivateKey(key);
  } catch {
    return false;
  }
}

function about(part: 'chain' | 'key', finding: CertificateFinding): OwnCertificateFinding {
  return { ...finding, part };
}

function found(
  earlier: readonly OwnCertificateFinding[],
  finding: OwnCertificateFinding,
): OwnCertificateCheck {
  return { domains: [], addresses: [], findings: [...earlier, finding] };
}
