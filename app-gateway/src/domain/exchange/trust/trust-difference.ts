import { hash } from 'node:crypto';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { isAccepted } from '../../../config/trust-state.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import type { TrustSet } from './trust-set.ts';

/** What comes, stays and goes. */
export interface ListDifference {
  readonly added: readonly string[];
  readonly kept: readonly string[];
  readonly gone: readonly string[];
}

/** A received set beside all that is accepted of the partner now. */
export interface TrustDifference {
  /** SHA-256 of whole certificates, hexadecimal. */
  readonly anchors: ListDifference;
  readonly intermediates: ListDifference;
  readonly pins: ListDifference;
  /** Absent where the file names no domains. */
  readonly domains?: ListDifference;
  /** `host:port` of its servers beside those that we dial; absent where the file names none. */
  readonly endpoints?: ListDifference;
}

/** What a file says of its company beside keys. */
export interface ClaimedPlaces {
  readonly domains?: readonly string[] | undefined;
  readonly endpoints?: readonly string[] | undefined;
}

/** Compares a set with what is accepted now; receiving it changes nothing yet. */
export function trustDifference(
  record: PartnerRecord,
  received: Pick<TrustSet, 'anchors' | 'intermediates' | 'pins'>,
  { domains, endpoints = [] }: ClaimedPlaces,
): TrustDifference {
  const { settings } = record;
  const accepted = record.trustSets.filter(isAccepted);
  const certificates = (list: 'anchors' | 'intermediates') =>
    listDifference(
      accepted.flatMap((set) => set[list].map(digestOf)),
      received[list].map(digestOf),
    );
  return {
    anchors: certificates('anchors'),
    intermediates: certificates('intermediates'),
    pins: listDifference(
      accepted.flatMap(({ pins }) => pins),
      received.pins,
    ),
    ...(domains !== undefined && {
      domains: listDifference(
        settings.domains,
        domains.map((domain) => domain.toLowerCase()),
      ),
    }),
    ...(endpoints.length > 0 && {
      endpoints: listDifference(
        settings.endpoints.map(({ host, port }) => hostPort(host, port)),
        endpoints,
      ),
    }),
  };
}

/** Compares two lists as sets, each in order of first mention. */
export function listDifference(
  before: readonly string[],
  after: readonly string[],
): ListDifference {
  const old = new Set(before);
  const young = new Set(after);
  return {
    added: [...young].filter((entry) => !old.has(entry)),
    kept: [...young].filter((entry) => old.has(entry)),
    gone: [...old].filter((entry) => !young.has(entry)),
  };
}

/** Of the certificate, however its PEM is wrapped; of the text where it is none. */
function digestOf(pem: string): string {
  return hash('sha256', decodePem(pem, 'CERTIFICATE')[0] ?? pem, 'hex');
}
