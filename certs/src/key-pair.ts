import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';
import { isMlDsa, type MlDsa } from '@sallyport/shared/x509/ml-dsa.ts';

/**
 * Kinds of key we issue: P-256 everywhere, RSA for partners whose software knows nothing newer, ML-DSA where it knows
 * everything.
 */
export type KeyKind = 'ec-p256' | 'rsa-2048' | 'rsa-3072' | MlDsa;

/** A fresh key pair, and the text that is written to the key's file. */
export interface FreshKeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
  readonly privateKeyPem: string;
}

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;

const ALGORITHMS = {
  'ec-p256': { name: 'ECDSA', namedCurve: 'P-256' },
  'rsa-2048': { ...RSA, modulusLength: 2048 },
  'rsa-3072': { ...RSA, modulusLength: 3072 },
  'ml-dsa-44': { name: 'ML-DSA-44' },
  'ml-dsa-65': { name: 'ML-DSA-65' },
  'ml-dsa-87': { name: 'ML-DSA-87' },
} as const;

/** How a certificate is signed with a key of each kind. */
export const SIGNING_ALGORITHMS = {
  'ec-p256': { name: 'ECDSA', hash: 'SHA-256' },
  'rsa-2048': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'rsa-3072': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'ml-dsa-44': ALGORITHMS['ml-dsa-44'],
  'ml-dsa-65': ALGORITHMS['ml-dsa-65'],
  'ml-dsa-87': ALGORITHMS['ml-dsa-87'],
} as const;

/** Makes a key pair; the private half leaves only as PKCS#8 PEM (RFC 5958). */
export async function createKeyPair(kind: KeyKind): Promise<FreshKeyPair> {
  const pair = await webcrypto.subtle.generateKey(ALGORITHMS[kind], true, ['sign', 'verify']);
  const { publicKey, privateKey } = pair as webcrypto.CryptoKeyPair;
  return { publicKey, privateKey, privateKeyPem: pemOf(privateKey) };
}

/** Reads a private key that signs certificates; throws when the text is no such key. */
export function readSigningKey(privateKeyPem: string): {
  readonly kind: KeyKind;
  readonly key: CryptoKey;
} {
  const keyObject = createPrivateKey(privateKeyPem);
  const kind = kindOf(keyObject);
  return { kind, key: keyObject.toCryptoKey(ALGORITHMS[kind], false, ['sign']) };
}

/** RSA keys of other sizes are used as they are: only a fresh key's size hangs on its kind. */
function kindOf(key: KeyObject): KeyKind {
  const { asymmetricKeyType: type = '' } = key;
  if (isMlDsa(type)) return type;
  if (type !== 'rsa') return 'ec-p256';
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 3072 ? 'rsa-3072' : 'rsa-2048';
}

function pemOf(privateKey: CryptoKey): string {
  return KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' });
}
