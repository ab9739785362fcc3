import { dayText } from '@sallyport/shared/io/time-text.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { KeyUsage } from '@sallyport/shared/x509/extensions.ts';
import { isPlainlyCa } from '@sallyport/shared/x509/path-rules.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { whyUnreadable } from '@sallyport/shared/x509/unreadable-certificate.ts';

/** What is wrong, or doubtful, with a certificate. */
export interface CertificateFinding {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** It is out of date, and may be in order but for that. */
  readonly isOutOfDate?: true;
}

const DAY_MS = 86_400_000;
const EXPIRY_WARNING_DAYS = 30;

/**
 * Judges PEM text that is to be trusted: it holds certificates that the edge can read, and they are in date.
 *
 * Dates are warnings: path validation fails closed on them, for this partner alone, and one company's forgotten
 * renewal must not keep a gateway from starting for all others.
 *
 * A certificate that is no authority is allowed, since an anchor may be a partner's very own certificate;
 * but it is more often the wrong file, so it is pointed out.
 */
export function checkAnchors(text: string, nowMs: number): readonly CertificateFinding[] {
  const ders = decodePem(text, 'CERTIFICATE');
  if (ders.length === 0) return [noCertificate(text)];
  return ders.flatMap((der, index) => {
    const which = ders.length === 1 ? 'the certificate' : `certificate ${index + 1}`;
    const parsed = parseCertificate(der);
    if (!parsed.ok) {
      return [{ severity: 'error', message: `${which} cannot be used: ${whyUnreadable(der)}` }];
    }
    const dates = checkDates(parsed.value, which, nowMs).map(({ message }) => ({
      severity: 'warning' as const,
      message: `${message}; out of date it lets nobody in`,
    }));
    return [...dates, ...checkAuthority(parsed.value, which)];
  });
}

/** Why a file that should hold certificates holds none. */
export function noCertificate(text: string): CertificateFinding {
  const message = text.includes('PRIVATE KEY-----')
    ? 'holds a private key instead of a certificate; keep it away from here'
    : 'holds no readable PEM certificate; convert DER with: openssl x509 -inform der -in FILE';
  return { severity: 'error', message };
}

/** Whether a certificate is in date, and still will be in a month. */
export function checkDates(
  certificate: Certificate,
  which: string,
  nowMs: number,
): readonly CertificateFinding[] {
  const { notBeforeMs, notAfterMs } = certificate;
  if (nowMs > notAfterMs) return [outOfDate(`${which} expired on ${dayText(notAfterMs)}`)];
  if (nowMs < notBeforeMs)
    return [outOfDate(`${which} is not valid before ${dayText(notBeforeMs)}`)];
  const days = Math.floor((notAfterMs - nowMs) / DAY_MS);
  if (days >= EXPIRY_WARNING_DAYS) return [];
  const message = `${which} expires on ${dayText(notAfterMs)}, in ${days} days`;
  return [{ severity: 'warning', message }];
}

function outOfDate(message: string): CertificateFinding {
  return { severity: 'error', message, isOutOfDate: true };
}

function checkAuthority(certificate: Certificate, which: string): readonly CertificateFinding[] {
  const { basicConstraints, keyUsage } = certificate.extensions;
  if (basicConstraints?.isCa !== true) {
    const message = `${which} is no authority: only the holder of exactly this certificate will be trusted`;
    return [{ severity: 'warning', message }];
  }
  if (keyUsage !== undefined && (keyUsage & KeyUsage.keyCertSign) === 0) {
    return [{ severity: 'error', message: `${which} must not sign certificates (key usage)` }];
  }
  if (isPlainlyCa(certificate)) return [];
  const message = `${which} is not critically marked as an authority; it lets nobody in: trust the authority below it`;
  return [{ severity: 'warning', message }];
}
