import { parseNetwork } from '../net/network.ts';
import { err, ok, type Result } from '../result.ts';
import { decodePem } from '../x509/pem.ts';
import { CHANNEL_NAME } from './hello.ts';
import {
  canonicalJson,
  type EdgeLimits,
  type EndpointSnapshot,
  type IdentitySnapshot,
  type PartnerSnapshot,
  type SnapshotContent,
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
const PARTNERS_MAX = 10_000;
const NAMES_MAX = 1000;

const name = text(63, CHANNEL_NAME, 'a name of lower-case letters, digits and hyphens');
const domain = text(253, new RegExp(`^${LABEL}(?:\\.${LABEL})*$`), 'a domain in lower case');
const host = text(253, /^[a-z0-9_.:-]+$/, 'a host name or address in lower case');
const port = integer(1, 65_535);
const count = integer(1, 1_000_000_000);
const keyPem = text(PEM_CHARS_MAX, /^-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n/, 'a private key');

const certificate = certificates(1, 1);
const chain = certificates(1, 8);

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

const partner = record<PartnerSnapshot>({
  id: name,
  domains: list(NAMES_MAX, domain, 1),
  anchors: list(64, certificate, 1),
  intermediates: list(64, certificate),
  pins: list(64, text(44, /^[A-Za-z0-9+/]{43}=$/, 'a base64 SHA-256')),
  allowNoEku: flag,
  sourceNetworks: list(NAMES_MAX, network),
  methods: list(64, text(32, /^[A-Z][A-Z0-9-]*$/, 'a SIP method'), 1),
  eventPackages: list(64, text(64, /^[A-Za-z0-9][A-Za-z0-9.!%*_+`'~-]*$/, 'an event package')),
  ownIdentity: name,
  endpoints: list(64, record<EndpointSnapshot>({ host, port })),
  connectionsMax: count,
  messagesPerSecond: positive,
  messagesBurst: count,
  requestsInFlightMax: count,
  keepAliveMs: integer(1000, 3_600_000),
});

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

const snapshot = record<SnapshotContent>(
  {
    site: name,
    version: integer(1, Number.MAX_SAFE_INTEGER),
    issuedAt: text(30, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, 'a time in UTC'),
    publicHost: host,
    publicPort: port,
    domains: list(NAMES_MAX, domain, 1),
    identities: list(256, identity, 1),
    unknownServerName: oneOf('refuse', 'default'),
    missingServerName: oneOf('refuse', 'default'),
    nameservers: list(16, text(64, /^[0-9a-fA-F.:[\]]+$/, 'an address, or address and port')),
    partners: list(PARTNERS_MAX, partner),
    limits,
    revokedNodes: list(256, name, 1),
  },
  ['revokedNodes'],
);

/**
 * Decodes a snapshot strictly and reports every problem with its place.
 *
 * It comes signed from our own gateway, so this is no defence against an enemy but against a fault
 * of ours: a proxy must not run on half of what was meant.
 */
export function decodeSnapshot(json: Buffer): Result<SnapshotContent, readonly string[]> {
  const decoded = decodeJson(json, 0, json.length, snapshot);
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
  for (const { id, ownIdentity } of content.partners) {
    if (!identities.includes(ownIdentity)) {
      problems.push(`partner ${id}: there is no identity ${ownIdentity}`);
    }
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

function certificates(min: number, max: number): Decoder<string> {
  return (value, at, problems) => {
    if (typeof value === 'string' && value.length <= PEM_CHARS_MAX) {
      const found = decodePem(value, 'CERTIFICATE').length;
      if (found >= min && found <= max) return value;
    }
    problems.push(`${at}: expected ${min === max ? min : `${min} to ${max}`} PEM certificates`);
    return '';
  };
}

function positive(value: unknown, at: string, problems: string[]): number {
  if (typeof value === 'number' && value > 0 && value <= 1_000_000) return value;
  problems.push(`${at}: expected a number above 0`);
  return 1;
}
