import { stringify } from 'yaml';
import type { PartnerFile, PartnerSettings } from './partner-schema.ts';
import type { TrustState } from './trust-state.ts';

/** What of a partner its file says, certificates as PEM. */
export interface WrittenPartner {
  readonly id: string;
  readonly settings: PartnerSettings;
  readonly severed?: PartnerFile['severed'];
  readonly trustSets: readonly {
    readonly id: string;
    readonly state: TrustState;
    readonly anchors: readonly string[];
    readonly intermediates: readonly string[];
    readonly pins: readonly string[];
    readonly signingKeys?: readonly string[];
  }[];
}

/**
 * A partner as the text of `partners/<id>.yaml`, certificates inside: what an import makes the same record of.
 *
 * Who received and verified which set, and when, is history and stays in the database.
 */
export function formatPartnerFile({ id, settings, trustSets, severed }: WrittenPartner): string {
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
