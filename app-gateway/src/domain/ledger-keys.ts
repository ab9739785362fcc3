import { createPrivateKey, type KeyObject } from 'node:crypto';
import { derive } from './derived-key.ts';

/** PKCS#8 of Ed25519 and of X25519 up to the key's own 32 octets (RFC 8410 §7). */
const ED25519_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const X25519_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Signs the ledger's checkpoints, the same at every gateway: out of the cluster key. */
export function ledgerSigningKey(clusterKey: Buffer): KeyObject {
  return privateKey(ED25519_HEAD, derive(clusterKey, 'ledger signing'));
}

/** Opens what proxies have put into their spools. */
export function auditSpoolKey(clusterKey: Buffer): KeyObject {
  return privateKey(X25519_HEAD, derive(clusterKey, 'audit spool'));
}

/** Name of a site's ledger in its checkpoints and as what signs them. */
export function ledgerOrigin(site: string): string {
  return `sallyport/${site}`;
}

function privateKey(head: Buffer, key: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([head, key]), format: 'der', type: 'pkcs8' });
}
