import { type KeyObject, X509Certificate } from 'node:crypto';
import { isMlDsa } from '@sallyport/shared/x509/ml-dsa.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import type { Grade } from './posture-rule.ts';

/** How the keys of a chain of ours can stand. */
export type KeyStrength = 'strong' | 'ageing' | 'weak';

const RSA_STRONG_BITS = 3072;
const RSA_WEAK_BITS = 2048;
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const EDWARDS: ReadonlySet<string> = new Set(['ed25519', 'ed448']);

/** Grades of our own keys: 128 bits of strength, 112 bits, less (NIST SP 800-57 part 1, table 2). */
export const WEAK_KEY_GRADES: Readonly<Record<KeyStrength, Grade>> = {
  strong: {
    level: 'high',
    when: `every key of the chain: elliptic curve of 256 bits or more, RSA of ${RSA_STRONG_BITS} or more, or ML-DSA`,
    why: 'at least 128 bits of strength',
  },
  ageing: {
    level: 'medium',
    when: `an RSA key of ${RSA_WEAK_BITS} to ${RSA_STRONG_BITS - 1} bits`,
    why: 'about 112 bits of strength, which is to end with 2030',
    toRaise:
      'a certificate of a P-256 key ("sallyport cert request"), from an authority whose keys are as strong',
  },
  weak: {
    level: 'low',
    when: 'a smaller RSA key, another curve, or a key that is not known',
    why: 'it can be broken, or nobody here can say that it cannot',
    toRaise: 'a certificate of a P-256 key ("sallyport cert request")',
  },
};

/** Strength of the weakest key of a chain; a chain that cannot be read has none. */
export function weakestKey(chainPem: string): KeyStrength {
  const strengths = decodePem(chainPem, 'CERTIFICATE').map((der) => strengthOf(publicKeyOf(der)));
  if (strengths.length === 0 || strengths.includes('weak')) return 'weak';
  return strengths.includes('ageing') ? 'ageing' : 'strong';
}

function strengthOf(key: KeyObject | undefined): KeyStrength {
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details } = key ?? {};
  if (EDWARDS.has(type) || isMlDsa(type)) return 'strong';
  if (type === 'ec') return CURVES.has(details?.namedCurve ?? '') ? 'strong' : 'weak';
  const bits = type.startsWith('rsa') ? (details?.modulusLength ?? 0) : 0;
  if (bits < RSA_WEAK_BITS) return 'weak';
  return bits < RSA_STRONG_BITS ? 'ageing' : 'strong';
}

/** What node:crypto says by throwing, as a value. */
function publicKeyOf(der: Buffer): KeyObject | undefined {
  try {
    return new X509Certificate(der).publicKey;
  } catch {
    return undefined;
  }
}
