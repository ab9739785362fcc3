import { parseNetwork } from '../net/network.ts';
import { err, ok, type Result } from '../result.ts';
import { decodePem } from '../x509/pem.ts';
import { hostPort } from './flow.ts';
import { CHANNEL_NAME } from './hello.ts';
import { POSTURE_LEVELS } from './posture-level.ts';
import {
  type AuditSnapshot,
  canonicalJson,
  type DelegationSnapshot,
  type EdgeLimits,
  type EndpointSnapshot,
  type IdentitySnapshot,
  type PartnerSnapshot,
  type RevocationSnapshot,
  type SnapshotContent,
  type TrialSnapshot,
  type TrustSetSnapshot,
} from './snapshot.ts';
import {
  type Decoder,
  decodeJson,
  flag,
  integer,
  list,
  oneOf,
  record,
  text,
} from './strict-json.ts';

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?';
const PEM_CHARS_MAX = 65_536;
const CRL_CHARS_MAX = 16_777_216;
const TRUST_SETS_MAX = 8;
const PARTNERS_MAX = 10_000;
const NAMES_MAX = 1000;

const name = text(63, CHANNEL_NAME, 'a name of lower-case letters, digits and hyphens');
const domain = text(253, new RegExp(`^${LABEL}(?:\\.${LABEL})*$`), 'a domain in lower case');
const host = text(253, /^[a-z0-9_.:-]+$/, 'a host name or address in lower case');
const port = integer(1, 65_535);
const count = integer(1, 1_000_000_000);
const keyPem = text(PEM_CHARS_MAX, /^-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n/, 'a private key');

const certificate = armoured('CERTIFICATE', 'PEM certificates', PEM_CHARS_MAX, 1, 1);
const chain = armoured('CERTIFICATE', 'PEM certificates', PEM_CHARS_MAX, 1, 8);
const revocationList = armoured('X509 CRL', 'PEM revocation list', CRL_CHARS_MAX, 1, 1);

const identity = record<IdentitySnapshot>({
  name,
  serverNames: list(NAMES_MAX, domain),
  chainPem: chain,
  keyPem,
});

const network: Decoder<string> = (value, at, problems) => {
  if (typeof value === 'string' && value.length <= 64 && parseNetwork(value).ok) return value;
  problems.push(`${at}: expected an address range such as 192.0.2.0/24`);
  return '';
};

const trustSet = record<TrustSetSnapshot>({
  id: name,
  anchors: list(64, certificate),
  intermediates: list(64, certificate),
  pins: list(64, text(44, /^[A-Za-z0-9+/]{43}=$/, 'a base64 SHA-256')),
});
const purposes = oneOf('federation', 'strict');
const revocationMode = oneOf('off', 'soft-fail', 'hard-fail');
const sourceNetworks = list(NAMES_MAX, network);
const methods = list(64, text(32, /^[A-Z][A-Z0-9-]*$/, 'a SIP method'), 1);
const eventPackages = list(64, text(64, /^[A-Za-z0-9][A-Za-z0-9.!%*_+`'~-]*$/, 'an event package'));
const trial = record<TrialSnapshot>(
  {
    purposes,
    allowNoEku: flag,
    revocation: revocationMode,
    sourceNetworks,
    methods,
    eventPackages,
  },
  ['purposes', 'allowNoEku', 'revocation', 'sourceNetworks', 'methods', 'eventPackages'],
);

const partner = record<PartnerSnapshot>(
  {
    id: name,
    domains: list(NAMES_MAX, domain, 1),
    trustSets: list(TRUST_SETS_MAX, trustSet),
    delegations: list(
      64,
      record<DelegationSnapshot>({ certificate: domain, domains: list(NAMES_MAX, domain, 1) }),
    ),
    purposes,
    allowNoEku: flag,
    revocation: record<RevocationSnapshot>({
      mode: revocationMode,
      fetch: flag,
      lists: list(16, revocationList),
    }),
    sourceNetworks,
    methods,
    eventPackages,
    ownIdentity: name,
    plainTcp: flag,
    endpoints: list(
      64,
      record<EndpointSnapshot>({ host, port, transport: oneOf('tcp') }, ['transport']),
    ),
    connectionsMax: count,
    messagesPerSecond: positive,
    messagesBurst: count,
    requestsInFlightMax: count,
    keepAliveMs: integer(1000, 3_600_000),
    trial,
  },
  ['plainTcp', 'trial'],
);

const limits = record<EdgeLimits>({
  connectionsMax: count,
  connectionsPerSourceMax: count,
  connectionsPerSourcePerSecond: count,
  handshakeTimeoutMs: integer(100, 300_000),
  firstMessageTimeoutMs: integer(100, 3_600_000),
  // Together with what a gateway adds, a message must fit into a frame (SIP_BYTES_MAX).
  headBytesMax: integer(512, 65_536),
  bodyBytesMax: integer(0, 327_680),
  requestUriBytesMax: integer(64, 65_536),
  lineBytesMax: integer(256, 65_536),
  headersMax: integer(16, 4096),
  outboundConnectTimeoutMs: integer(100, 300_000),
  flowQueueBytesMax: integer(16_384, 1_073_741_824),
  pendingRequestsMax: count,
});

const key32 = text(44, /^[A-Za-z0-9+/]{43}=$/, 'base64 of 32 bytes');
const audit = record<AuditSnapshot>(
  {
    spoolKey: key32,
    whenFull: oneOf('refuse', 'gap'),
    memoryBytesMax: integer(1_048_576, 1_073_741_824),
    spoolBytesMax: integer(1_048_576, 1_099_511_627_776),
    origin: text(255, /^[!-*,-~]+$/, 'a name without space and plus'),
    ledgerKey: key32,
    bodyHashSalt: text(88, /^[A-Za-z0-9+/]{22,86}={0,2}$/, 'base64 of 16 to 64 bytes'),
  },
  ['bodyHashSalt'],
);

const snapshot = record<SnapshotContent>(
  {
    site: name,
    version: integer(1, Number.MAX_SAFE_INTEGER),
    issuedAt: text(30, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, 'a time in UTC'),
    publicHost: host,
    publicPort: port,
    advertised: list(2048, hostPort, 1),
    domains: list(NAMES_MAX, domain, 1),
    identities: list(256, identity, 1),
    unknownServerName: oneOf('refuse', 'default'),
    missingServerName: oneOf('refuse', 'default'),
    nameservers: list(16, text(64, /^[0-9a-fA-F.:[\]]+$/, 'an address, or address and port')),
    partners: list(PARTNERS_MAX, partner),
    severed: list(PARTNERS_MAX, name),
    limits,
    revokedNodes: list(256, name, 1),
    audit,
    requirePosture: oneOf(...POSTURE_LEVELS),
  },
  ['advertised', 'revokedNodes', 'audit', 'requirePosture'],
);

/**
 * Decodes a snapshot strictly and reports every problem with its place.
 *
 * It comes signed from our own gateway, so this is no defence against an enemy but against a fault
 * of ours: a proxy must not run on half of what was meant.
 */
export function decodeSnapshot(json: Buffer): Result<SnapshotContent, readonly string[]> {
  const decoded = decodeJson(json, snapshot);
  if (!decoded.ok) return decoded;
  const problems = contradictions(decoded.value);
  // A key that stands twice would be read differently by different readers.
  if (!json.equals(Buffer.from(canonicalJson(decoded.value), 'utf8'))) {
    problems.push('document: not in canonical form');
  }
  return problems.length === 0 ? ok(decoded.value) : err(problems);
}

/** What no field shows alone. */
function contradictions(content: SnapshotContent): string[] {
  const problems: string[] = [];
  const identities = content.identities.map((entry) => entry.name);
  reportRepeated('identities', identities, problems);
  reportRepeated(
    'server names',
    content.identities.flatMap((entry) => entry.serverNames),
    problems,
  );
  reportRepeated(
    'partner ids',
    content.partners.map((entry) => entry.id),
    problems,
  );
  // A domain of two partners would be judged by whichever was looked up.
  reportRepeated(
    'domains',
    [...content.domains, ...content.partners.flatMap((entry) => entry.domains)],
    problems,
  );
  const own = new Set(content.domains);
  for (const entry of content.partners) {
    if (!identities.includes(entry.ownIdentity)) {
      problems.push(`partner ${entry.id}: there is no identity ${entry.ownIdentity}`);
    }
    problems.push(...contradictionsOf(entry, own));
  }
  return problems;
}

/** What no field of one partner shows alone. */
function contradictionsOf(
  { id, domains, trustSets, delegations, ...reached }: PartnerSnapshot,
  own: ReadonlySet<string>,
): string[] {
  const problems = plainTcpContradictions(id, trustSets.length > 0, reached);
  reportRepeated(
    `trust sets of ${id}`,
    trustSets.map((set) => set.id),
    problems,
  );
  for (const set of trustSets) {
    // Such a set would let in nobody, and look as if it did.
    if (set.anchors.length > 0 || set.pins.length > 0) continue;
    problems.push(`partner ${id}: trust set ${set.id} has neither an anchor nor a pin`);
  }
  const owned = new Set(domains);
  for (const delegation of delegations) {
    if (own.has(delegation.certificate)) {
      problems.push(`partner ${id}: ${delegation.certificate} is a domain of ours`);
    }
    for (const delegated of delegation.domains) {
      if (owned.has(delegated)) continue;
      problems.push(`partner ${id}: ${delegated} is delegated but not its own`);
    }
  }
  return problems;
}

/** Without TLS the network is all the proof there is. */
function plainTcpContradictions(
  id: string,
  hasKeys: boolean,
  {
    plainTcp,
    sourceNetworks,
    endpoints,
  }: Pick<PartnerSnapshot, 'plainTcp' | 'sourceNetworks' | 'endpoints'>,
): string[] {
  const problems: string[] = [];
  const plain = endpoints.filter(({ transport }) => transport === 'tcp');
  if (plainTcp !== true) {
    if (!hasKeys) problems.push(`partner ${id}: no trust set`);
    if (plain.length > 0)
      problems.push(`partner ${id}: an endpoint for plain TCP, which it may not use`);
    return problems;
  }
  if (sourceNetworks.length === 0) problems.push(`partner ${id}: plain TCP from anywhere`);
  if (plain.length > 0 && plain.length < endpoints.length) {
    problems.push(`partner ${id}: endpoints for TLS and for plain TCP`);
  }
  return problems;
}

function reportRepeated(what: string, names: readonly string[], problems: string[]): void {
  const seen = new Set<string>();
  for (const entry of names) {
    if (seen.has(entry)) problems.push(`${what}: ${entry} stands twice`);
    seen.add(entry);
  }
}

function armoured(
  label: string,
  what: string,
  charactersMax: number,
  min: number,
  max: number,
): Decoder<string> {
  return (value, at, problems) => {
    if (typeof value === 'string' && value.length <= charactersMax) {
      const found = decodePem(value, label).length;
      if (found >= min && found <= max) return value;
    }
    problems.push(`${at}: expected ${min === max ? min : `${min} to ${max}`} ${what}`);
    return '';
  };
}

function positive(value: unknown, at: string, problems: string[]): number {
  if (typeof value === 'number' && value > 0 && value <= 1_000_000) return value;
  problems.push(`${at}: expected a number above 0`);
  return 1;
}
