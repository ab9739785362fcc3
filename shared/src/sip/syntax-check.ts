import { ALPHA, BYTE_CLASS, TOKEN } from './byte-class.ts';
import { isCallId } from './call-id.ts';
import { isContentType } from './content-type.ts';
import { startOfCseqMethod } from './cseq.ts';
import { endOfEventType } from './event.ts';
import { EXPIRES_MAX } from './expires.ts';
import { type FirstField, fromField, toField, topVia } from './first-field.ts';
import { decimal, isWord } from './grammar.ts';
import { HEADER_IDS, Header, type HeaderId } from './header-name.ts';
import { MAX_FORWARDS_MAX } from './max-forwards.ts';
import type { MessageIndex } from './message-index.ts';
import { NameAddrSpans } from './name-addr-spans.ts';
import { plainText } from './plain-text.ts';
import type { SipFault } from './sip-fault.ts';
import { isTokenList } from './token-list.ts';
import { endOfScheme, endOfSipScheme, UriSpans } from './uri-spans.ts';
import { ViaSpans } from './via-spans.ts';

const requestUri = new UriSpans();
const address = new NameAddrSpans();
const via = new ViaSpans();

const COMMA = 0x2c;
const STAR = 0x2a;
const DOT = 0x2e;
const SEMICOLON = 0x3b;

/**
 * The first fault in what a proxy acts on in a request, or undefined (RFC 3261 §16.3 items 1 and 2).
 *
 * Fields that only end systems read pass unseen. An unsupported scheme of the Request-URI is told last, as
 * every other fault comes before it. A From without a tag passes: RFC 2543 peers have none (RFC 4475 §3.4.1).
 */
export function checkRequest(index: MessageIndex): SipFault | undefined {
  return index.fault ?? checkFields(index) ?? checkRequestUri(index);
}

/** The first fault in what a proxy acts on in a response, or undefined; a faulty response is dropped. */
export function checkResponse(index: MessageIndex): SipFault | undefined {
  return index.fault ?? checkFields(index);
}

/** SIP or SIPS without headers, which have no place here (RFC 3261 §19.1.1, RFC 4475 §3.1.2.11). */
function checkRequestUri(index: MessageIndex): SipFault | undefined {
  const { bytes, requestUriStart, requestUriEnd } = index;
  if (requestUri.scan(bytes, requestUriStart, requestUriEnd)) {
    return requestUri.headersStart < 0 ? undefined : 'sip-request-uri-malformed';
  }
  const isOther =
    endOfSipScheme(bytes, requestUriStart, requestUriEnd) < 0 &&
    endOfScheme(bytes, requestUriStart, requestUriEnd) >= 0;
  return isOther ? 'sip-request-uri-scheme-unsupported' : 'sip-request-uri-malformed';
}

function checkFields(index: MessageIndex): SipFault | undefined {
  const hasAll =
    index.count(Header.via) > 0 &&
    index.count(Header.from) > 0 &&
    index.count(Header.to) > 0 &&
    index.count(Header.callId) > 0 &&
    index.count(Header.cseq) > 0;
  if (!hasAll) return 'sip-header-missing';
  for (let line = 0; line < index.headerCount; line++) {
    const rule = RULES[index.ids[line] as number];
    if (rule === undefined) continue;
    if (!holds(rule, index, line)) return rule.fault;
  }
  if (!isStarAllowed(index)) return 'sip-contact-malformed';
  return index.isRequest ? checkCseqMethod(index) : undefined;
}

/** From, To and the topmost Via are read so that others find them read. */
function holds(rule: Rule, index: MessageIndex, line: number): boolean {
  const start = index.valueStart[line] as number;
  const end = index.valueEnd[line] as number;
  switch (index.ids[line]) {
    case Header.from:
      return (
        isWhole(fromField, index, end) &&
        !(index.isRequest && hasHostForUser(index.bytes, fromField.spans))
      );
    case Header.to:
      return isWhole(toField, index, end);
    case Header.via:
      return line === index.first(Header.via)
        ? areMoreVias(index.bytes, topVia.read(index), end) &&
            isCommonVia(index.bytes, topVia.spans)
        : isViaList(index.bytes, start, end);
    default:
      return rule.holds(index.bytes, start, end);
  }
}

function isWhole(field: FirstField<NameAddrSpans>, index: MessageIndex, end: number): boolean {
  return field.read(index) === end && isReadAlike(field.spans);
}

/**
 * Whether all readers see the same in an address of From or To. Headers have no place in it (RFC 3261 §19.1.1, table 1).
 *
 * A backslash or semicolon in a quoted parameter is refused, although the grammar allows it: libre takes a `;tag=` in there for
 * the tag, Kamailio an escaped quote for the end, and each sees another dialog than we do.
 */
export function isReadAlike({ isAmbiguous, isSip, uri }: NameAddrSpans): boolean {
  return !isAmbiguous && !(isSip && uri.headersStart >= 0);
}

/**
 * Whether what stands before a semicolon in the user part may be taken for a host: `acme.example;x` is one to Net::SIP, and its sender
 * somebody of ours. Telephone numbers have parameters there, and no letters. In a response From is who asked, not who sends.
 */
function hasHostForUser(bytes: Uint8Array, { isSip, uri }: NameAddrSpans): boolean {
  if (!isSip || uri.userStart < 0) return false;
  let hasDot = false;
  let hasLetter = false;
  for (let at = uri.userStart; at < uri.userEnd; at++) {
    const byte = bytes[at] as number;
    if (byte === SEMICOLON) return hasDot && hasLetter;
    if (byte === DOT) hasDot = true;
    else if (((BYTE_CLASS[byte] as number) & ALPHA) !== 0) hasLetter = true;
  }
  return false;
}

interface Rule {
  readonly fault: SipFault;
  readonly holds: (bytes: Uint8Array, start: number, end: number) => boolean;
}

const RULES: readonly (Rule | undefined)[] = ruleByHeader([
  [Header.via, 'sip-via-malformed', isViaList],
  [Header.from, 'sip-from-malformed', isOneAddress],
  [Header.to, 'sip-to-malformed', isOneAddress],
  [Header.callId, 'sip-call-id-malformed', isCallId],
  [
    Header.cseq,
    'sip-cseq-malformed',
    (bytes, start, end) => startOfCseqMethod(bytes, start, end) >= 0,
  ],
  [Header.maxForwards, 'sip-max-forwards-malformed', isUpTo(MAX_FORWARDS_MAX)],
  [Header.maxBreadth, 'sip-max-breadth-malformed', isUpTo(Number.MAX_SAFE_INTEGER)],
  [Header.contact, 'sip-contact-malformed', isContacts],
  [Header.route, 'sip-route-malformed', isRouteList],
  [Header.recordRoute, 'sip-record-route-malformed', isRouteList],
  [
    Header.event,
    'sip-event-malformed',
    (bytes, start, end) => endOfEventType(bytes, start, end) >= 0,
  ],
  [Header.expires, 'sip-expires-malformed', isUpTo(EXPIRES_MAX)],
  [Header.require, 'sip-token-list-malformed', isTokenList],
  [Header.proxyRequire, 'sip-token-list-malformed', isTokenList],
  [Header.contentType, 'sip-content-type-malformed', isContentType],
]);

function ruleByHeader(rows: readonly (readonly [HeaderId, SipFault, Rule['holds']])[]) {
  const rules: (Rule | undefined)[] = Array.from({ length: HEADER_IDS }, () => undefined);
  for (const [id, fault, holds] of rows) rules[id] = { fault, holds };
  return rules;
}

function isUpTo(max: number): Rule['holds'] {
  return (bytes, start, end) => decimal(bytes, start, end, max) >= 0;
}

function isOneAddress(bytes: Uint8Array, start: number, end: number): boolean {
  return address.scan(bytes, start, end) === end;
}

/** In a request the CSeq method is that of the start line (RFC 3261 §8.1.1.5). */
function checkCseqMethod(index: MessageIndex): SipFault | undefined {
  const { bytes } = index;
  const length = index.methodEnd - index.start;
  const end = index.valueEnd[index.first(Header.cseq)] as number;
  const method = end - length;
  for (let i = 0; i < length; i++) {
    if (bytes[method + i] !== bytes[index.start + i]) return 'sip-cseq-method-mismatch';
  }
  const before = bytes[method - 1] as number;
  return ((BYTE_CLASS[before] as number) & TOKEN) === 0 ? undefined : 'sip-cseq-method-mismatch';
}

/** Whether the CSeq of a message that passed the check names that method (RFC 3261 §17.1.3). */
export function hasCseqMethod(index: MessageIndex, method: string): boolean {
  const line = index.first(Header.cseq);
  if (line < 0) return false;
  const { bytes } = index;
  const end = index.valueEnd[line] as number;
  const start = startOfCseqMethod(bytes, index.valueStart[line] as number, end);
  if (start < 0 || end - start !== method.length) return false;
  for (let i = 0; i < method.length; i++) {
    if (bytes[start + i] !== method.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether the bytes are Via values with commas between them. */
export function isViaList(bytes: Uint8Array, start: number, end: number): boolean {
  return areMoreVias(bytes, viaEnd(bytes, start, end), end);
}

/** Whether from `start`, where a value ends, more of them follow or nothing; -1 was none. */
function areMoreVias(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at >= 0 && at < end && bytes[at] === COMMA) at = viaEnd(bytes, at + 1, end);
  return at === end;
}

function viaEnd(bytes: Uint8Array, start: number, end: number): number {
  const at = via.scan(bytes, start, end);
  return at >= 0 && isCommonVia(bytes, via) ? at : -1;
}

/**
 * SIP 2.0, a transport that begins with a letter, and no ambiguous parameter: over other Vias, of whatever hop, Kamailio ends the connection
 * that brought them.
 */
function isCommonVia(
  bytes: Uint8Array,
  { versionStart, versionEnd, transportStart, isAmbiguous }: ViaSpans,
): boolean {
  if (isAmbiguous || !isWord(bytes, versionStart, versionEnd, VERSION)) return false;
  return ((BYTE_CLASS[bytes[transportStart] as number] as number) & ALPHA) !== 0;
}

const VERSION = Buffer.from('2.0');

/** A list of addresses, or `*`. */
function isContacts(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start === 1 && bytes[start] === STAR) return true;
  let at = address.scan(bytes, start, end);
  while (at >= 0 && at < end) at = address.scan(bytes, at + 1, end);
  return at === end;
}

/** `*` stands alone, and only in a REGISTER (RFC 3261 §10.2.2). */
function isStarAllowed(index: MessageIndex): boolean {
  const { bytes, ids, valueStart, valueEnd, headerCount } = index;
  for (let line = index.first(Header.contact); line >= 0 && line < headerCount; line++) {
    const start = valueStart[line] as number;
    const isStar = bytes[start] === STAR && valueEnd[line] === start + 1;
    if (isStar && ids[line] === Header.contact) {
      return index.isRequest && index.count(Header.contact) === 1 && index.method() === 'REGISTER';
    }
  }
  return true;
}

/** Route and Record-Route know no URI without brackets: its parameters would be lost (RFC 3261 §20.34). */
function isRouteList(bytes: Uint8Array, start: number, end: number): boolean {
  let at = address.scan(bytes, start, end);
  while (at >= 0 && at < end && address.isBracketed) at = address.scan(bytes, at + 1, end);
  return at === end && address.isBracketed;
}

/** Lower-case host of the From URI, brackets of IPv6 included; undefined where it is no SIP URI. */
export function fromDomain(index: MessageIndex): string | undefined {
  const { spans } = fromField;
  if (fromField.read(index) < 0 || !spans.isSip) return undefined;
  return index.textAt(spans.uri.hostStart, spans.uri.hostEnd).toLowerCase();
}

/** Tag of the From; empty where it has none, as with RFC 2543 peers. */
export function fromTag(index: MessageIndex): string {
  return tagIn(index, fromField);
}

/** Tag of the To; empty where it has none, as outside of dialogs. */
export function toTag(index: MessageIndex): string {
  return tagIn(index, toField);
}

function tagIn(index: MessageIndex, field: FirstField<NameAddrSpans>): string {
  const { spans } = field;
  if (field.read(index) < 0 || spans.tagStart < 0) return '';
  return index.textAt(spans.tagStart, spans.tagEnd);
}

/** Branch of the topmost Via, or undefined where it has none, as RFC 2543 elements do. */
export function topViaBranch(index: MessageIndex): string | undefined {
  const { spans } = topVia;
  if (topVia.read(index) < 0 || spans.branchStart < 0) return undefined;
  return index.textAt(spans.branchStart, spans.branchEnd);
}

/** Whether the topmost Via's branch begins so; it makes no string. */
export function topViaBranchStarts(index: MessageIndex, start: Uint8Array): boolean {
  const { spans } = topVia;
  if (topVia.read(index) < 0 || spans.branchStart < 0) return false;
  if (spans.branchEnd - spans.branchStart < start.length) return false;
  for (let i = 0; i < start.length; i++) {
    if (index.bytes[spans.branchStart + i] !== start[i]) return false;
  }
  return true;
}

/** Lower-case `host` or `host:port` of the topmost Via. */
export function topViaSentBy(index: MessageIndex): string | undefined {
  const { spans } = topVia;
  if (topVia.read(index) < 0) return undefined;
  const host = index.textAt(spans.hostStart, spans.hostEnd).toLowerCase();
  if (spans.portStart < 0) return host;
  return `${host}:${index.textAt(spans.portStart, spans.portEnd)}`;
}

/** The topmost Via value as one line of text, without those behind it in its field; empty where it is malformed. */
export function topViaValue(index: MessageIndex): string {
  const end = topVia.read(index);
  if (end < 0) return '';
  return plainText(
    index.textAt(index.valueStart[index.first(Header.via)] as number, end),
  ).trimEnd();
}

/** Whether the topmost Via asks for its connection to be used for requests the other way (RFC 5923 §8.1). */
export function topViaHasAlias(index: MessageIndex): boolean {
  return topVia.read(index) >= 0 && topVia.spans.hasAlias;
}
