/** Header fields that a proxy acts on; everything else is `other` and passes untouched. */
export const Header = {
  other: 0,
  via: 1,
  from: 2,
  to: 3,
  callId: 4,
  cseq: 5,
  maxForwards: 6,
  contentLength: 7,
  contact: 8,
  route: 9,
  recordRoute: 10,
  contentType: 11,
  event: 12,
  require: 13,
  proxyRequire: 14,
  expires: 15,
  server: 16,
  userAgent: 17,
  pAssertedIdentity: 18,
  pPreferredIdentity: 19,
  maxBreadth: 20,
  subscriptionState: 21,
  allowEvents: 22,
  allow: 23,
  supported: 24,
  warning: 25,
  path: 26,
  serviceRoute: 27,
  historyInfo: 28,
  diversion: 29,
  remotePartyId: 30,
  organization: 31,
  referTo: 32,
  referredBy: 33,
  replaces: 34,
  retryAfter: 35,
  date: 36,
  unsupported: 37,
  minExpires: 38,
  inReplyTo: 39,
  timestamp: 40,
} as const;

export type HeaderId = (typeof Header)[keyof typeof Header];

export const HEADER_IDS = 41;

/** By number: 1 for fields of which a message carries one at most (RFC 3261 §7.3.1, §20 table 2). */
export const SINGLE_HEADERS: Uint8Array = flagsOf([
  Header.from,
  Header.to,
  Header.callId,
  Header.cseq,
  Header.maxForwards,
  Header.contentLength,
  Header.contentType,
  Header.event,
  Header.expires,
  Header.maxBreadth,
  Header.subscriptionState,
  Header.referTo,
  Header.replaces,
]);

function flagsOf(ids: readonly HeaderId[]): Uint8Array {
  const flags = new Uint8Array(HEADER_IDS);
  for (const id of ids) flags[id] = 1;
  return flags;
}

/** Long and compact names, lower case (RFC 3261 §7.3.3, §20; RFC 6665 §8.2; RFC 3515; RFC 3892). */
const NAMES: readonly (readonly [string, HeaderId])[] = [
  ['via', Header.via],
  ['v', Header.via],
  ['from', Header.from],
  ['f', Header.from],
  ['to', Header.to],
  ['t', Header.to],
  ['call-id', Header.callId],
  ['i', Header.callId],
  ['cseq', Header.cseq],
  ['max-forwards', Header.maxForwards],
  ['content-length', Header.contentLength],
  ['l', Header.contentLength],
  ['contact', Header.contact],
  ['m', Header.contact],
  ['route', Header.route],
  ['record-route', Header.recordRoute],
  ['content-type', Header.contentType],
  ['c', Header.contentType],
  ['event', Header.event],
  ['o', Header.event],
  ['require', Header.require],
  ['proxy-require', Header.proxyRequire],
  ['expires', Header.expires],
  ['server', Header.server],
  ['user-agent', Header.userAgent],
  ['p-asserted-identity', Header.pAssertedIdentity],
  ['p-preferred-identity', Header.pPreferredIdentity],
  ['max-breadth', Header.maxBreadth],
  ['subscription-state', Header.subscriptionState],
  ['allow-events', Header.allowEvents],
  ['u', Header.allowEvents],
  ['allow', Header.allow],
  ['supported', Header.supported],
  ['k', Header.supported],
  ['warning', Header.warning],
  ['path', Header.path],
  ['service-route', Header.serviceRoute],
  ['history-info', Header.historyInfo],
  ['diversion', Header.diversion],
  ['remote-party-id', Header.remotePartyId],
  ['organization', Header.organization],
  ['refer-to', Header.referTo],
  ['r', Header.referTo],
  ['referred-by', Header.referredBy],
  ['b', Header.referredBy],
  ['replaces', Header.replaces],
  ['retry-after', Header.retryAfter],
  ['date', Header.date],
  ['unsupported', Header.unsupported],
  ['min-expires', Header.minExpires],
  ['in-reply-to', Header.inReplyTo],
  ['timestamp', Header.timestamp],
];

interface Candidate {
  readonly id: HeaderId;
  readonly name: Uint8Array;
}

/** Names by what is cheap to see: their length and first letter. */
const CANDIDATES: readonly Candidate[][] = Array.from({ length: 24 * 32 }, () => []);
for (const [name, id] of NAMES) {
  const key = candidateKey(name.length, name.charCodeAt(0));
  CANDIDATES[key]?.push({ id, name: Buffer.from(name, 'latin1') });
}

function candidateKey(length: number, firstByte: number): number {
  return (length << 5) | (firstByte & 0x1f);
}

/** Which header field the bytes from `start` to `end` name; case does not matter (RFC 3261 §7.3.1). */
export function headerIdOf(bytes: Uint8Array, start: number, end: number): HeaderId {
  const candidates = CANDIDATES[candidateKey(end - start, bytes[start] ?? 0)];
  if (candidates === undefined) return Header.other;
  for (const candidate of candidates) {
    if (equalsIgnoringCase(bytes, start, candidate.name)) return candidate.id;
  }
  return Header.other;
}

/** `lower` holds lower-case letters and hyphens only, and no other name byte folds onto those. */
function equalsIgnoringCase(bytes: Uint8Array, start: number, lower: Uint8Array): boolean {
  for (let i = 0; i < lower.length; i++) {
    const byte = bytes[start + i] as number;
    const want = lower[i] as number;
    if (byte !== want && (byte < 0x41 || (byte | 0x20) !== want)) return false;
  }
  return true;
}
