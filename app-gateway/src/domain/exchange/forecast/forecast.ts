import type { IdentityRecord } from '../identity/identity-record.ts';
import type { NodeRecord } from '../node/node-record.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import type { Sighting } from '../sighting/sighting.ts';
import { type HeldCertificates, heldProspects } from './forecast-held.ts';
import { identityProspects, presentationProspects } from './forecast-keys.ts';
import { revocationProspects } from './forecast-revocation.ts';
import { trustProspects } from './forecast-trust.ts';
import { type CertificatesOf, type Foresight, type Prospect, severityOf } from './foresight.ts';

/** What a forecast looks at. */
export interface ForecastView {
  readonly partners: readonly PartnerRecord[];
  readonly identities: readonly IdentityRecord[];
  readonly nodes: readonly NodeRecord[];
  readonly sightings: readonly Sighting[];
  readonly held: readonly HeldCertificates[];
  /** How long a channel certificate lives; it is renewed after two thirds. */
  readonly channelCertificateDays: number;
}

/** A partner that cannot talk to us at the time asked for. */
export interface BrokenPartner {
  readonly partner: string;
  /** `accepted`: what it shows us is no good; `presented`: what we show it. */
  readonly direction: Sighting['direction'];
  readonly sinceMs: number;
  readonly because: string;
}

const DAY_MS = 86_400_000;

/** What has gone wrong by a time or will within 60 days of it, the soonest first, if nobody does anything. */
export function forecast(
  { partners, identities, nodes, sightings, held, channelCertificateDays }: ForecastView,
  certificatesOf: CertificatesOf,
  atMs: number,
): readonly Foresight[] {
  const sightingsOf = Map.groupBy(sightings, ({ partner }) => partner);
  return [
    ...partners.flatMap((partner) => [
      ...trustProspects(partner, sightingsOf.get(partner.id) ?? [], certificatesOf, atMs),
      ...revocationProspects(partner, atMs),
      ...presentationProspects(partner, identities, certificatesOf),
    ]),
    ...identities.flatMap((identity) => identityProspects(identity, certificatesOf, atMs)),
    ...nodes.flatMap((node) => nodeProspects(node, channelCertificateDays, atMs)),
    ...heldProspects(held, certificatesOf),
  ]
    .flatMap((prospect): readonly Foresight[] => {
      const severity = severityOf(prospect.whenMs, atMs);
      return severity === undefined ? [] : [{ ...prospect, severity }];
    })
    .toSorted((a, b) => a.whenMs - b.whenMs);
}

/** Which partners cannot talk to us at the time of the forecast, by direction, and since when. */
export function brokenPartners(foresights: readonly Foresight[]): readonly BrokenPartner[] {
  const broken = new Map<string, BrokenPartner>();
  for (const { subject, direction, breaks, severity, whenMs, message } of foresights) {
    if (!breaks || severity !== 'expired' || direction === undefined) continue;
    const key = `${subject} ${direction}`;
    const partner = subject.slice(subject.indexOf('/') + 1);
    if (broken.has(key)) continue;
    broken.set(key, { partner, direction, sinceMs: whenMs, because: message });
  }
  return [...broken.values()];
}

/** Channel certificates live for days and renew themselves: what is told is that renewal is late. */
function nodeProspects(
  { node, state, certificates }: NodeRecord,
  lifeDays: number,
  atMs: number,
): readonly Prospect[] {
  if (state === 'revoked' || certificates.length === 0) return [];
  const whenMs = Math.max(...certificates.map(({ notAfterMs }) => notAfterMs));
  if (whenMs - atMs > (lifeDays * DAY_MS) / 4) return [];
  const message = 'its channel certificate should have been renewed by now, and ends';
  return [
    { subject: `node/${node}`, what: 'channel-certificate-ends', whenMs, breaks: false, message },
  ];
}
