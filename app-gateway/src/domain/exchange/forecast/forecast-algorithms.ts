import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { isAcceptableKey } from '@sallyport/shared/x509/public-key.ts';
import { nameOf, type Prospect } from './foresight.ts';

/** Keys of 112 bits of strength are disallowed from 2031 on (NIST IR 8547 §4.1.2). */
const RSA_2048_UNTIL_MS = Date.UTC(2031, 0, 1) - 1;
const RSA_BITS_LATER = 3072;

/** What is weak about a certificate now, or will be; an anchor's own signature proves nothing and is not asked. */
export function algorithmProspects(
  certificate: Certificate,
  isAnchor: boolean,
  atMs: number,
  at: Pick<Prospect, 'subject' | 'direction'>,
): readonly Prospect[] {
  const { publicKeyInfo: key, signatureAlgorithm } = certificate;
  const name = nameOf(certificate);
  const now = { ...at, whenMs: atMs - 1, breaks: false };
  const prospects: Prospect[] = [];
  if (!isAcceptableKey(key)) {
    const message = `the key of ${name} is too weak or unknown (${key.type}, ${key.bits} bits)`;
    prospects.push({ ...now, what: 'weak-key', message });
  }
  if (!isAnchor && signatureAlgorithm === undefined) {
    const message = `${name} is signed with an algorithm that is not accepted, such as SHA-1`;
    prospects.push({ ...now, what: 'weak-signature', message });
  }
  const isRsa = key.type === 'rsa' || key.type === 'rsa-pss';
  if (isRsa && isAcceptableKey(key) && key.bits < RSA_BITS_LATER) {
    const message = `${name} has an RSA key of ${key.bits} bits, disallowed from 2031 on`;
    const whenMs = RSA_2048_UNTIL_MS;
    prospects.push({ ...at, whenMs, breaks: false, what: 'rsa-2048-sunset', message });
  }
  return prospects;
}
