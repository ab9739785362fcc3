import type { TrustQuestion } from '@sallyport/certs/trust-problems.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';

/** What other partners gave us that still counts: a mix-up of files shows at once. */
export function knownKeysOfOthers(
  partners: readonly PartnerRecord[],
  partner: string,
): TrustQuestion['others'] {
  return partners
    .filter(({ id }) => id !== partner)
    .map(({ id, trustSets }) => {
      const sets = trustSets.filter(({ state }) => state !== 'retired' && state !== 'rejected');
      return {
        partner: id,
        fingerprints: sets.map(({ fingerprint }) => fingerprint),
        spkis: sets.flatMap(({ anchors, intermediates, pins }) => [
          ...[...anchors, ...intermediates].flatMap(spkisOf),
          ...pins,
        ]),
      };
    });
}

function spkisOf(pem: string): readonly string[] {
  return certificatesOfPem(pem).map(({ spkiSha256 }) => spkiSha256);
}
