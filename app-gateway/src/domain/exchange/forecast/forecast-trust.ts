import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { isAcceptableKey } from '@sallyport/shared/x509/public-key.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import type { Sighting } from '../sighting/sighting.ts';
import { acceptedTrustOf } from '../trust/accepted-trust.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import { clientAuthSunset } from './client-auth-sunset.ts';
import { algorithmProspects } from './forecast-algorithms.ts';
import { type CertificatesOf, nameOf, type Prospect } from './foresight.ts';

interface AcceptedSet {
  readonly id: string;
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly hasAnchors: boolean;
}

/** What will go wrong with what one partner shows us; the sightings are of that partner. */
export function trustProspects(
  record: PartnerRecord,
  sightings: readonly Sighting[],
  certificatesOf: CertificatesOf,
  atMs: number,
): readonly Prospect[] {
  const at = { subject: partnerSubject(record.id), direction: 'accepted' } as const;
  const sets = acceptedTrustOf(record).map(
    ({ id, anchors, intermediates }): AcceptedSet => ({
      id,
      anchors: anchors.flatMap(certificatesOf),
      intermediates: intermediates.flatMap(certificatesOf),
      hasAnchors: anchors.length > 0,
    }),
  );
  const shown = latestShown(sightings);
  const isAllWeak = sets.every((set) => endOf(set) === -Infinity);
  return [
    ...sets
      .flatMap(({ anchors, intermediates }) => [
        ...anchors.flatMap((anchor) => algorithmProspects(anchor, true, atMs, at)),
        ...intermediates.flatMap((certificate) => algorithmProspects(certificate, false, atMs, at)),
      ])
      .map((prospect) =>
        isAllWeak && prospect.what === 'weak-key' ? { ...prospect, breaks: true } : prospect,
      ),
    ...anchorEnds(sets, at),
    ...shownEnds(shown, at),
    ...sunsets(record, sets, shown, at),
    ...offerEnds(record, at),
  ];
}

type At = Pick<Prospect, 'subject'> & { readonly direction: 'accepted' };

/** The last anchor's end breaks the partner; any other's only shortens the list. */
function anchorEnds(sets: readonly AcceptedSet[], at: At): readonly Prospect[] {
  const lastMs = Math.max(-Infinity, ...sets.map(endOf));
  return sets.flatMap(({ id, anchors }) =>
    anchors.map((anchor): Prospect => {
      const whenMs = anchor.notAfterMs;
      const message = `anchor ${nameOf(anchor)} of ${id} ends`;
      return { ...at, what: 'anchor-ends', whenMs, breaks: whenMs >= lastMs, message };
    }),
  );
}

/** Pins alone do not end; an anchor with a key that is refused never counts. */
function endOf({ anchors, hasAnchors }: AcceptedSet): number {
  if (!hasAnchors) return Infinity;
  const good = anchors.filter(({ publicKeyInfo }) => isAcceptableKey(publicKeyInfo));
  return Math.max(-Infinity, ...good.map(({ notAfterMs }) => notAfterMs));
}

function shownEnds(shown: Sighting | undefined, at: At): readonly Prospect[] {
  if (shown?.notAfterMs === undefined) return [];
  const message = `the certificate that it showed last, under ${shown.key}, ends`;
  const { notAfterMs: whenMs } = shown;
  return [{ ...at, what: 'partner-certificate-ends', whenMs, breaks: true, message }];
}

/**
 * A partner whose every anchor is a public CA's will not get clientAuth any more; where its purposes are
 * `strict`, it cannot connect to us once the certificate that it has now ends.
 */
function sunsets(
  { settings }: PartnerRecord,
  sets: readonly AcceptedSet[],
  shown: Sighting | undefined,
  at: At,
): readonly Prospect[] {
  const isStrict = settings.purposes === 'strict';
  if (!isStrict && settings.trial?.purposes !== 'strict') return [];
  const dates = sets.flatMap(({ anchors, hasAnchors }) =>
    hasAnchors ? anchors.map(clientAuthSunset) : [undefined],
  );
  const known = dates.filter((date) => date !== undefined);
  if (known.length === 0 || known.length < dates.length) return [];
  const whenMs = Math.max(...known, shown?.notAfterMs ?? 0);
  const message = isStrict
    ? 'its CA issues no clientAuth any more, which "purposes: strict" demands; use "federation"'
    : 'its CA issues no clientAuth any more, which the tried "purposes: strict" would demand';
  return [{ ...at, what: 'client-auth-sunset', whenMs, breaks: isStrict, message }];
}

function offerEnds({ trustSets }: PartnerRecord, at: At): readonly Prospect[] {
  return trustSets.flatMap(({ id, state, origin }): readonly Prospect[] => {
    const whenMs = origin.expiresAtMs;
    if (whenMs === undefined || (state !== 'received' && state !== 'verified')) return [];
    const message = `the offer with ${id} is ${state} and not staged, and ends`;
    return [{ ...at, what: 'received-offer-ends', whenMs, breaks: false, message }];
  });
}

function latestShown(sightings: readonly Sighting[]): Sighting | undefined {
  return sightings
    .filter(({ direction }) => direction === 'accepted')
    .toSorted((a, b) => b.lastAtMs - a.lastAtMs)[0];
}
