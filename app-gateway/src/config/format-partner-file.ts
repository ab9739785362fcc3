import { stringify } from 'yaml';
import type { PartnerRecord } from '../domain/exchange/partner/partner-record.ts';

/**
 * A partner as the text of `partners/<id>.yaml`, certificates inside: what an import makes the same record of.
 *
 * Who received and verified which set, and when, is history and stays in the database.
 */
export function formatPartnerFile({ id, settings, trustSets, severed }: PartnerRecord): string {
  const [only, ...others] = trustSets;
  const isShort =
    severed === undefined &&
    only?.id === 't1' &&
    only.state === 'active' &&
    only.anchors.length > 0 &&
    only.signingKeys === undefined &&
    others.length === 0;
  const trust = isShort
    ? { anchors: only.anchors, intermediates: only.intermediates, pins: only.pins }
    : {
        ...(severed === undefined ? {} : { severed }),
        trustSets: trustSets.map((set) => ({
          id: set.id,
          state: set.state,
          anchors: set.anchors,
          intermediates: set.intermediates,
          pins: set.pins,
          signingKeys: set.signingKeys ?? [],
        })),
      };
  return stringify({ id, ...settings, ...trust }, { lineWidth: 0 });
}
