import type { PeerCertificates } from '@sallyport/shared/x509/peer-certificates.ts';
import { utcText } from '../exchange-refusal.ts';
import type { IdentityRecord } from '../identity/identity-record.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';

/** The site and its state, as far as a message meets them. */
export interface ExplainView {
  /** Ours. */
  readonly domains: readonly string[];
  /** Names by which partners know us. */
  readonly publicHosts: readonly string[];
  /** Whether some listener takes plain SIP over TCP. */
  readonly hasPlainListener: boolean;
  readonly communities: readonly { readonly id: string; readonly domains: readonly string[] }[];
  readonly partners: readonly PartnerRecord[];
  /** Ids of those that are cut off in the site in force, by its list as well. */
  readonly severed: readonly string[];
  readonly identities: readonly IdentityRecord[];
}

/** A message that nobody sends. */
export interface ExplainQuery {
  /** A SIP URI, or without its scheme, or a domain alone. */
  readonly from: string;
  readonly to: string;
  readonly direction: 'inbound' | 'outbound';
  readonly method: string;
  readonly eventPackage?: string;
  /** What the partner would show, leaf first, DER. */
  readonly chain?: readonly Buffer[];
  readonly sourceIp?: string;
}

/** The query with everything read that can be. */
export interface ReadQuery extends ExplainQuery {
  readonly fromDomain: string | undefined;
  readonly toDomain: string | undefined;
  /** Whether the recipient is a host, and no user there. */
  readonly isToHost: boolean;
  readonly peer: PeerCertificates | undefined;
  readonly peerFault: string | undefined;
}

/** Why nothing of a partner is let in or sent to it; undefined where it is not cut off. */
export function severanceOf(
  { severed: inForce }: Pick<ExplainView, 'severed'>,
  { id, severed }: PartnerRecord,
): string | undefined {
  if (severed !== undefined) {
    return `${id} was severed on ${utcText(severed.atMs)}: ${severed.reason}`;
  }
  return inForce.includes(id) ? `${id} is cut off by severedPartners in site.yaml` : undefined;
}
