import { Buffer } from 'node:buffer';
import { createPublicKey, type KeyObject } from 'node:crypto';

/** Bytes of a public key as RFC 8032 and RFC 7748 write it. */
export const RAW_KEY_BYTES = 32;

/** A public key from its 32 bytes. Throws for another length: whoever reads a file checks first. */
export function publicKeyOfRaw(curve: 'Ed25519' | 'X25519', raw: Uint8Array): KeyObject {
  if (raw.length !== RAW_KEY_BYTES) throw new RangeError('a raw public key has 32 bytes');
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x }, format: 'jwk' });
}

/** The 32 bytes of an Ed25519 or X25519 key's public half; the key may be the private one. */
export function rawPublicKey(key: KeyObject): Buffer {
  const { x } = key.export({ format: 'jwk' });
  if (key.asymmetricKeyType !== 'ed25519' && key.asymmetricKeyType !== 'x25519') {
    throw new TypeError('no Ed25519 or X25519 key');
  }
  return Buffer.from(x as string, 'base64url');
}
