import type { KeyObject } from 'node:crypto';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import type { AuditSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { derive, derivePair } from './derived-key.ts';

/** Signs the ledger's checkpoints, the same at every gateway: out of the cluster key. */
export function ledgerSigningKey(clusterKey: Buffer): KeyObject {
  return derivePair('ed25519', clusterKey, 'ledger signing');
}

/** Opens what proxies have put into their spools. */
export function auditSpoolKey(clusterKey: Buffer): KeyObject {
  return derivePair('x25519', clusterKey, 'audit spool');
}

/** Behind which proxies hash the bodies of messages, 32 octets: what is hashed cannot be guessed from the ledger alone. */
export function bodyHashSalt(clusterKey: Buffer): Buffer {
  return derive(clusterKey, 'audit body hash');
}

/** Name of a site's ledger in its checkpoints and as what signs them. */
export function ledgerOrigin(site: string): string {
  return `sallyport/${site}`;
}

/** What proxies have to know of the ledger that no setting says. */
export type LedgerFacts = Required<
  Pick<AuditSnapshot, 'spoolKey' | 'ledgerKey' | 'origin' | 'bodyHashSalt'>
>;

/** The same at every gateway of the site. */
export function ledgerFacts(site: string, clusterKey: Buffer): LedgerFacts {
  return {
    spoolKey: keyText(auditSpoolKey(clusterKey)),
    ledgerKey: keyText(ledgerSigningKey(clusterKey)),
    origin: ledgerOrigin(site),
    bodyHashSalt: bodyHashSalt(clusterKey).toString('base64'),
  };
}

/** A public key, or the public half of a private one, as snapshots and auditors' files have it: 32 octets in base64. */
export function keyText(key: KeyObject): string {
  return rawPublicKey(key).toString('base64');
}
