import { decodePem } from '@sallyport/shared/x509/pem.ts';
import {
  parseRevocationList,
  type RevocationList,
} from '@sallyport/shared/x509/revocation-list.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { acceptedTrustOf } from '../trust/accepted-trust.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import type { Prospect } from './foresight.ts';

/** A list lives for days or weeks: that it ends is news in the last part of its life alone. */
const LAST_PART = 1 / 4;

/**
 * Revocation lists that were given for a partner and that nobody has renewed: the newest of each authority and scope counts.
 *
 * Under `hard-fail` the partner is shut out with its list, unless proxies fetch others themselves.
 */
export function revocationProspects(record: PartnerRecord, atMs: number): readonly Prospect[] {
  const { mode, fetch, lists } = record.settings.revocation;
  if (mode === 'off' || acceptedTrustOf(record).length === 0) return [];
  const newest = new Map<string, RevocationList>();
  for (const list of lists
    .flatMap((text) => decodePem(text, 'X509 CRL'))
    .map(parseRevocationList)) {
    if (!list.ok) continue;
    const { issuerName, scope, nextUpdateMs } = list.value;
    const about = JSON.stringify([issuerName.rdns, scope]);
    const known = newest.get(about)?.nextUpdateMs ?? Number.NEGATIVE_INFINITY;
    if (nextUpdateMs > known) newest.set(about, list.value);
  }
  const at = { subject: partnerSubject(record.id), direction: 'accepted' } as const;
  const breaks = mode === 'hard-fail' && !fetch;
  return [...newest.values()].flatMap((list): readonly Prospect[] => {
    const { thisUpdateMs, nextUpdateMs: whenMs, issuerName } = list;
    if (whenMs - atMs > (whenMs - thisUpdateMs) * LAST_PART) return [];
    const issuer = issuerName.commonNames[0] ?? issuerName.organizations.at(-1) ?? 'no name';
    const message = `the revocation list of ${issuer} ends (${mode})`;
    return [{ ...at, what: 'revocation-list-ends', whenMs, breaks, message }];
  });
}
