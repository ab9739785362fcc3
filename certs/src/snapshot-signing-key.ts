import { generateKeyPairSync } from 'node:crypto';

/** The pair that signs configuration snapshots: gateways hold the private half, proxies the public. */
export interface SnapshotSigningKey {
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

/** Makes an Ed25519 pair (RFC 8032); its own kind of key, so that no TLS key can sign a snapshot. */
export function createSnapshotSigningKey(): SnapshotSigningKey {
  const pair = generateKeyPairSync('ed25519');
  return {
    privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
