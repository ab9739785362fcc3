import { hash } from 'node:crypto';
import type { PartnerRecord } from '../partner/partner-record.ts';

/**
 * Keys that sign a partner’s offers, as digests: those of every set that two people verified, or that came with the site’s
 * own files. None where no such set named one.
 */
export function knownSigners({ trustSets }: PartnerRecord): ReadonlySet<string> {
  return new Set(
    trustSets
      .filter(({ state }) => state !== 'received' && state !== 'rejected')
      .flatMap(({ origin, signingKeys = [] }) => [
        ...(origin.signer === undefined ? [] : [origin.signer]),
        ...signingKeys.map(signerDigest),
      ]),
  );
}

/** Base64 SHA-256 of a public key (base64 SPKI). */
export function signerDigest(spki: string): string {
  return hash('sha256', Buffer.from(spki, 'base64'), 'base64');
}
