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

/** How often a field may stand in a message, by its number. */
export const Often = {
  /** As often as it likes. */
  any: 0,
  /** Once. */
  once: 1,
  /** Once; and who sends it twice is not read on: by these a message is cut from the stream, known and told from others. */
  onceOrTheEnd: 2,
} as const;

/** RFC 3261 §7.3.1, §20 table 2. */
export const HOW_OFTEN: Uint8Array = new Uint8Array(HEADER_IDS);
const { from, to, callId, cseq, maxForwards, contentLength } = Header;
for (const id of [from, to, callId, cseq, maxForwards, contentLength]) {
  HOW_OFTEN[id] = Often.onceOrTheEnd;
}
const { contentType, event, expires, maxBreadth, subscriptionState, referTo, replaces } = Header;
for (const id of [contentType, event, expires, maxBreadth, subscriptionState, referTo, replaces]) {
  HOW_OFTEN[id] = Often.once;
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

const WORD = 4;
/** What of a word counts, by the length of a name shorter than it. */
const PARTS = [0, 0xff, 0xff_ff, 0xff_ff_ff] as const;
const KEYS = 24 * 32;

/**
 * Names by what is cheap to see, their length and first letter: for each where in `TABLE` the first one stands, or 0.
 *
 * There stand where the next one is, the number of the field, and the name in words of four bytes, the last of which
 * overlaps the one before: each behind what makes its letters small ones, so that hyphens stay what they are. One table,
 * and no object, because each name of each message is looked up here.
 */
const FIRST = new Int32Array(KEYS);
const TABLE = tableOf(NAMES);
const NAME = 2;

function tableOf(names: typeof NAMES): Int32Array {
  const table = [0];
  for (const [name, id] of names) {
    const key = keyOf(name.length, name.charCodeAt(0));
    const folds = wordsOf(name.replaceAll(/[a-z]/g, ' ').replaceAll('-', '\0'));
    const next = FIRST[key] as number;
    FIRST[key] = table.length;
    table.push(next, id, ...wordsOf(name).flatMap((word, i) => [folds[i] ?? 0, word]));
  }
  return Int32Array.from(table);
}

function keyOf(length: number, firstByte: number): number {
  return (length << 5) | (firstByte & 0x1f);
}

function wordsOf(name: string): number[] {
  const bytes = Buffer.from(name.padEnd(WORD, '\0'), 'latin1');
  return Array.from({ length: Math.ceil(bytes.length / WORD) }, (_, i) =>
    bytes.readInt32LE(Math.min(i * WORD, bytes.length - WORD)),
  );
}

/**
 * Which header field the bytes from `start` to `end` name; case does not matter (RFC 3261 §7.3.1).
 *
 * Behind a name there are three bytes at least: a colon and the end of the line.
 */
export function headerIdOf(view: DataView, start: number, end: number): HeaderId {
  const length = end - start;
  const key = keyOf(length, view.getUint8(start));
  if (key >= KEYS) return Header.other;
  for (let at = FIRST[key] as number; at > 0; at = TABLE[at] as number) {
    const isNamed =
      length < WORD
        ? isShort(view, start, length, at + NAME)
        : isLong(view, start, end - WORD, at + NAME);
    if (isNamed) return TABLE[at + 1] as HeaderId;
  }
  return Header.other;
}

function isShort(view: DataView, start: number, length: number, at: number): boolean {
  const word = view.getInt32(start, true) & (PARTS[length] as number);
  return (word | (TABLE[at] as number)) === TABLE[at + 1];
}

function isLong(view: DataView, start: number, last: number, name: number): boolean {
  let at = name;
  for (let from = start; from < last; from += WORD) {
    if ((view.getInt32(from, true) | (TABLE[at] as number)) !== TABLE[at + 1]) return false;
    at += 2;
  }
  return (view.getInt32(last, true) | (TABLE[at] as number)) === TABLE[at + 1];
}
