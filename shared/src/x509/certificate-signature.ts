import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { isAcceptableKey, type PublicKeyInfo } from './public-key.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';

/** Decoded keys live as long as their certificates: anchors and intermediates are used again and again. */
const keys = new WeakMap<Certificate, KeyObject>();

/** Anything that an authority signs: a certificate, a revocation list, an answer about one certificate. */
export type Signed = Pick<Certificate, 'tbs' | 'signature' | 'signatureAlgorithm'>;

/**
 * Whether the issuer's key made the signature (RFC 5280 §6.1.3 (a)(1)).
 *
 * False for algorithms and keys that this edge does not trust, and for keys that cannot be decoded.
 */
export function isSignedBy(signed: Signed, issuer: Certificate): boolean {
  const algorithm = signed.signatureAlgorithm;
  const info = issuer.publicKeyInfo;
  if (algorithm === undefined || !isAcceptableKey(info) || !fitsKey(algorithm, info)) return false;
  try {
    const key = publicKeyOf(issuer);
    return verify(
      algorithm.hash ?? null,
      signed.tbs,
      algorithm.scheme === 'rsa-pss'
        ? {
            key,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
          }
        : key,
      signed.signature,
    );
  } catch {
    // OpenSSL throws for points off the curve and for keys whose own parameters forbid this use.
    return false;
  }
}

function publicKeyOf(certificate: Certificate): KeyObject {
  const known = keys.get(certificate);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: certificate.spki, format: 'der', type: 'spki' });
  keys.set(certificate, key);
  return key;
}

/** Whether an algorithm and a key belong together; an RSA-PSS key signs nothing else (RFC 4055 §1.2). */
function fitsKey(algorithm: SignatureAlgorithm, key: PublicKeyInfo): boolean {
  switch (algorithm.scheme) {
    case 'rsa-pkcs1':
      return key.type === 'rsa';
    case 'rsa-pss':
      return key.type === 'rsa' || key.type === 'rsa-pss';
    case 'ecdsa':
      return key.type === 'ec';
    default:
      return key.type === algorithm.scheme;
  }
}
