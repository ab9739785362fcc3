import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { nameOf } from '@sallyport/shared/sip/wording.ts';
import { OF_DIGEST } from './own-realms.ts';

/**
 * Header fields that never leave us: they name inner hosts, software or people (RFC 3261 §20.35, §20.41,
 * §20.43; RFC 3325 §5; RFC 3327; RFC 7044; RFC 5806).
 */
export const NEVER_LEAVES: readonly HeaderId[] = [
  Header.server,
  Header.userAgent,
  Header.organization,
  Header.warning,
  Header.path,
  Header.serviceRoute,
  Header.historyInfo,
  Header.diversion,
  Header.remotePartyId,
  Header.pAssertedIdentity,
  Header.pPreferredIdentity,
];

/**
 * Claims of who somebody is, or was called as, that only a trusted neighbour may make; a partner is none (RFC 3325 §5, RFC 5806,
 * RFC 7044): voice mail opens the box that the latter name.
 */
export const NEVER_ENTERS: readonly HeaderId[] = [
  Header.pAssertedIdentity,
  Header.pPreferredIdentity,
  Header.remotePartyId,
  Header.diversion,
  Header.historyInfo,
  Header.path,
  Header.serviceRoute,
];

/** Fields that 3GPP TS 24.229 §7.2 keeps to one trust domain; neither side shows them the other. */
const OF_A_TRUST_DOMAIN: ReadonlySet<string> = new Set([
  'additional-identity',
  'attestation-info',
  'cellular-network-info',
  'origination-id',
  'relayed-charge',
  'response-source',
  'restoration-info',
  'service-interact-info',
]);

/**
 * Fields that point a reader at an inner server (RFC 3261 §20.4, §20.9, §20.18; RFC 6442 §4.1; RFC 4474 §9;
 * RFC 5360; RFC 6794). Lync's servers and clients name themselves, their network and where it failed (MS-OCER §2.2.1.1:
 * `ms-diagnostics-public` is for partners); Avaya's Endpoint-View has a Contact and a Call-ID of the inside.
 */
const POINTERS: ReadonlySet<string> = new Set([
  'alert-info',
  'call-info',
  'endpoint-view',
  'error-info',
  'geolocation',
  'identity-info',
  'ms-application-via',
  'ms-client-diagnostics',
  'ms-diagnostics',
  'ms-endpoint-location-data',
  'ms-subnet',
  'n',
  'permission-missing',
  'policy-contact',
  'policy-id',
  'trigger-consent',
]);

/** Trust marks of other vendors' edges, and of telephone networks, which would be believed inside. */
const TRUST_MARKS: ReadonlySet<string> = new Set([
  'ms-edge-proxy-message-trust',
  'ms-user-data',
  'ms-asserted-verification-level',
  'x-attestation-info',
]);

/**
 * Fields by which a client of ours would do something that its user has not asked for: answer by itself, with the microphone open (RFC 5373;
 * `answer-after` in the first two), fetch or play what a URI names, or call it (RFC 3261 §20.4, §20.9, §20.18), give up
 * another call for this one (RFC 4412).
 */
const STEERS_CLIENTS: ReadonlySet<string> = new Set([
  'alert-info',
  'call-info',
  'answer-mode',
  'error-info',
  'priv-answer-mode',
  'resource-priority',
]);

/** Whether a field, by its name in lower case, is not for partners. */
export function neverLeaves(name: string): boolean {
  return isOfTrustDomain(name) || POINTERS.has(name);
}

/** Whether a partner may not bring in a field, by its name in lower case. */
export function neverEnters(name: string): boolean {
  return isOfTrustDomain(name) || TRUST_MARKS.has(name) || STEERS_CLIENTS.has(name);
}

/** `P-` was for fields of private networks, each with a trust domain of its own (RFC 3427, RFC 5727). */
function isOfTrustDomain(name: string): boolean {
  return name.startsWith('p-') || OF_A_TRUST_DOMAIN.has(name);
}

/** Fields with one URI of an inner server that a partner needs: to answer us (RFC 3261 §20.31), to watch a REFER (RFC 7614). */
export const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['reply-to', 'Reply-To'],
  ['refer-events-at', 'Refer-Events-At'],
]);

/**
 * Fields that stay whatever they name: what is signed or hashed in them would be worth nothing afterwards (RFC 8224,
 * RFC 8760), and a subject is the words of a user.
 */
export const NEVER_TOUCHED: ReadonlySet<string> = new Set([
  'authentication-info',
  'authorization',
  'identity',
  'y',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  's',
  'subject',
  'www-authenticate',
]);

/** Fields that begin with the Call-ID of another dialog (RFC 3891, RFC 3911, RFC 4538). */
export const CALL_ID_FIELDS: ReadonlySet<string> = new Set(['replaces', 'join', 'target-dialog']);

/** Lower-case name of a line that the index has no number for; undefined for most that do not matter, by their first letter. */
export function unlistedName(index: MessageIndex, line: number): string | undefined {
  if (index.ids[line] !== Header.other) return undefined;
  const start = index.lineStart[line] ?? 0;
  if (FIRST_LETTERS[(index.bytes[start] ?? 0) | 0x20] !== 1) return undefined;
  return lowerCaseName(index, line);
}

/** Lower-case name of any line. */
export function lowerCaseName(index: MessageIndex, line: number): string {
  return nameOf(index, line).toLowerCase();
}

/** By lower-case byte: 1 where a name that matters begins with it. */
const FIRST_LETTERS = new Uint8Array(256);
for (const names of [
  OF_A_TRUST_DOMAIN,
  POINTERS,
  TRUST_MARKS,
  STEERS_CLIENTS,
  CALL_ID_FIELDS,
  REFERENCES.keys(),
  OF_DIGEST,
  ['p-'],
]) {
  for (const name of names) FIRST_LETTERS[name.charCodeAt(0)] = 1;
}
