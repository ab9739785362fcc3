import { createPrivateKey } from 'node:crypto';
import { derive } from '../domain/derived-key.ts';

/** PKCS#8 of Ed25519 up to the key's own 32 octets (RFC 8410 §7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The key that signs a site's offers, PKCS#8 PEM: out of the cluster key, so that every gateway has the same
 * and none has to be carried about. A new cluster key makes a new one, which partners must be told of.
 */
export function offerSigningKey(clusterKey: Buffer): string {
  const key = Buffer.concat([PKCS8_HEAD, derive(clusterKey, 'sallyport offer signing')]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}
