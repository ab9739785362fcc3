import type { PeerCertificates } from '@sallyport/shared/x509/peer-certificates.ts';
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
