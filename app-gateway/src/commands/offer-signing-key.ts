import { derivePair } from '../domain/derived-key.ts';

/**
 * The key that signs a site's offers, PKCS#8 PEM: out of the cluster key, so that every gateway has the same
 * and none has to be carried about. A new cluster key makes a new one, which partners must be told of.
 */
export function offerSigningKey(clusterKey: Buffer): string {
  return derivePair('ed25519', clusterKey, 'sallyport offer signing')
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}
