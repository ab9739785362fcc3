import { createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto';

const KEY_BYTES = 32;
/** PKCS#8 up to the key's own 32 octets (RFC 8410 §7). */
const PKCS8_HEADS = {
  ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
  x25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
};

/** Purpose of the key that seals the authority which issues channel certificates. */
export const ISSUING_SEAL = 'sallyport channel issuing authority';

/** A key for one purpose out of the cluster key (RFC 5869): no use of one tells anything of another. */
export function derive(clusterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', clusterKey, Buffer.alloc(0), purpose, KEY_BYTES));
}

/** The private key of a pair for one purpose, the same at every gateway. */
export function derivePair(
  kind: keyof typeof PKCS8_HEADS,
  clusterKey: Buffer,
  purpose: string,
): KeyObject {
  const key = Buffer.concat([PKCS8_HEADS[kind], derive(clusterKey, purpose)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
