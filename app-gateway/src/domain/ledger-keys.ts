import type { KeyObject } from 'node:crypto';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { derivePair } from './derived-key.ts';

/** Signs the ledger's checkpoints, the same at every gateway: out of the cluster key. */
export function ledgerSigningKey(clusterKey: Buffer): KeyObject {
  return derivePair('ed25519', clusterKey, 'ledger signing');
}

/** Opens what proxies have put into their spools. */
export function auditSpoolKey(clusterKey: Buffer): KeyObject {
  return derivePair('x25519', clusterKey, 'audit spool');
}

/** Name of a site's ledger in its checkpoints and as what signs them. */
export function ledgerOrigin(site: string): string {
  return `sallyport/${site}`;
}

/** A public key, or the public half of a private one, as snapshots and auditors' files have it: 32 octets in base64. */
export function keyText(key: KeyObject): string {
  return rawPublicKey(key).toString('base64');
}
