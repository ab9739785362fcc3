import type { PathPolicy } from '../x509/path-policy.ts';
import type { PostureLevel } from './posture-level.ts';

/** One of our public identities: a certificate chain and its key, and for which server names it is shown. */
export interface IdentitySnapshot {
  readonly name: string;
  readonly serverNames: readonly string[];
  readonly chainPem: string;
  /** In a proxy's memory only, never on its disk and never in a log. */
  readonly keyPem: string;
}

/** A host and port that we dial; without a transport over TLS. */
export interface EndpointSnapshot {
  readonly host: string;
  readonly port: number;
  readonly transport?: 'tcp';
}

/** Keys of a partner that are valid together; a path fulfils one set alone, sets are never joined. */
export interface TrustSetSnapshot {
  readonly id: string;
  /** What this partner gave us to trust, PEM; never joined with another partner's. */
  readonly anchors: readonly string[];
  /** Help in building paths, PEM; not trusted. */
  readonly intermediates: readonly string[];
  /** Base64 SHA-256 of a public key; unless empty, one certificate of the path must match. Without anchors: the leaf. */
  readonly pins: readonly string[];
}

/** Who shows a certificate for one domain may speak for these of the partner's domains too. */
export interface DelegationSnapshot {
  readonly certificate: string;
  readonly domains: readonly string[];
}

/** What happens to certificates of which nobody knows whether they were revoked. */
export type RevocationMode = 'off' | 'soft-fail' | 'hard-fail';

/** How revocation of a partner's certificates is looked into. */
export interface RevocationSnapshot {
  readonly mode: RevocationMode;
  /** Whether lists are fetched from the distribution points in certificates. */
  readonly fetch: boolean;
  /** Revocation lists, PEM. */
  readonly lists: readonly string[];
}

/** Stricter rules that are only tried: what they would have refused is logged and counted. */
export interface TrialSnapshot {
  readonly purposes?: PurposesPolicy;
  readonly allowNoEku?: boolean;
  readonly revocation?: RevocationMode;
  readonly sourceNetworks?: readonly string[];
  readonly methods?: readonly string[];
  readonly eventPackages?: readonly string[];
}

/** Which purposes prove which role (`PathPolicy`). */
export type PurposesPolicy = PathPolicy['purposes'];

/** What a proxy must know of a partner to decide alone what may come in. */
export interface PartnerSnapshot {
  readonly id: string;
  readonly domains: readonly string[];
  /** Oldest first; several while keys roll over. */
  readonly trustSets: readonly TrustSetSnapshot[];
  readonly delegations: readonly DelegationSnapshot[];
  readonly purposes: PurposesPolicy;
  /** A leaf without extendedKeyUsage is good for TLS (`PathPolicy`). */
  readonly allowNoEku: boolean;
  readonly revocation: RevocationSnapshot;
  /** CIDR; empty means any. */
  readonly sourceNetworks: readonly string[];
  readonly methods: readonly string[];
  readonly eventPackages: readonly string[];
  /** Name of the identity that we show to this partner. */
  readonly ownIdentity: string;
  /** SIP without TLS is allowed: whoever comes from one of its networks is this partner. Absent: it is not. */
  readonly plainTcp?: boolean;
  /** Where to dial; empty means DNS (RFC 3263), which leads to TLS alone. All by the same transport. */
  readonly endpoints: readonly EndpointSnapshot[];
  readonly connectionsMax: number;
  readonly messagesPerSecond: number;
  readonly messagesBurst: number;
  readonly requestsInFlightMax: number;
  readonly keepAliveMs: number;
  readonly trial?: TrialSnapshot;
}

/** What one proxy process bears before it refuses. */
export interface EdgeLimits {
  readonly connectionsMax: number;
  readonly connectionsPerSourceMax: number;
  readonly connectionsPerSourcePerSecond: number;
  readonly handshakeTimeoutMs: number;
  readonly firstMessageTimeoutMs: number;
  readonly headBytesMax: number;
  readonly bodyBytesMax: number;
  readonly requestUriBytesMax: number;
  readonly lineBytesMax: number;
  readonly headersMax: number;
  readonly outboundConnectTimeoutMs: number;
  readonly flowQueueBytesMax: number;
  readonly pendingRequestsMax: number;
}

/** What becomes of traffic that cannot be put on record any more. */
export type AuditWhenFull = 'refuse' | 'gap';

/** How a proxy puts traffic on record. */
export interface AuditSnapshot {
  /** X25519, base64 of 32 bytes: what lies in a proxy's spool is sealed to it. */
  readonly spoolKey: string;
  readonly whenFull: AuditWhenFull;
  /** Of records that no gateway has acknowledged, per worker. */
  readonly memoryBytesMax: number;
  readonly spoolBytesMax: number;
  /** Name of the ledger, whose checkpoints the proxy cosigns. */
  readonly origin: string;
  /** Ed25519, base64 of 32 bytes: signs the ledger's checkpoints. */
  readonly ledgerKey: string;
  /** Base64; bodies are recorded as their SHA-256 behind this salt. Absent: not at all. */
  readonly bodyHashSalt?: string;
}

/** The part of a site's configuration that its proxies work with. */
export interface SnapshotContent {
  readonly site: string;
  /** Only rises: a proxy refuses to go back. */
  readonly version: number;
  readonly issuedAt: string;
  /** What our Via and Record-Route show. */
  readonly publicHost: string;
  readonly publicPort: number;
  /** `host:port` of the other names that partners know us by; absent when there is none. */
  readonly advertised?: readonly string[];
  /** The domains we own. */
  readonly domains: readonly string[];
  /** The first is the default. */
  readonly identities: readonly IdentitySnapshot[];
  /** What a client is shown that asks for a name that is not ours. */
  readonly unknownServerName: 'refuse' | 'default';
  /** What a client is shown that asks for none. */
  readonly missingServerName: 'refuse' | 'default';
  /** `ip` or `ip:port`; empty means the system's. */
  readonly nameservers: readonly string[];
  readonly partners: readonly PartnerSnapshot[];
  /** Ids of partners that were cut off: as if they were not listed, but known to be gone for a reason. */
  readonly severed: readonly string[];
  readonly limits: EdgeLimits;
  /** Names of lost hosts, and serial numbers; absent when there is none. A gateway among them is turned away. */
  readonly revokedNodes?: readonly string[];
  /** Absent: nothing is put on record. */
  readonly audit?: AuditSnapshot;
  /** A proxy whose own settings are below it takes no snapshot; absent: nothing is demanded. */
  readonly requirePosture?: PostureLevel;
}

/** Which snapshot a proxy works with: its version, and a hash of its bytes. */
export interface SnapshotMark {
  readonly version: number;
  readonly digest: string;
}

/**
 * Decides on an offered snapshot whose signature is good.
 *
 * The version only rises, so that nobody who can replay old bytes brings back a severed partner. Two
 * contents under one version are a fault of the gateways: the one in use stays.
 */
export function acceptSnapshot(
  current: SnapshotMark | undefined,
  offered: SnapshotMark,
): 'accept' | 'same' | 'older' | 'conflict' {
  if (current === undefined || offered.version > current.version) return 'accept';
  if (offered.version < current.version) return 'older';
  return offered.digest === current.digest ? 'same' : 'conflict';
}

/** One spelling for one content: keys sorted, no white space, so that equal sites sign equal bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
    const sorted = Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted);
  });
}
