import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';

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

/** Claims of identity that only a trusted neighbour may make; a partner is none (RFC 3325 §5). */
export const NEVER_ENTERS: readonly HeaderId[] = [
  Header.pAssertedIdentity,
  Header.pPreferredIdentity,
  Header.remotePartyId,
  Header.diversion,
  Header.path,
  Header.serviceRoute,
];

/** Fields of one trust domain (RFC 7315, RFC 6050, RFC 5502), which neither side shows the other. */
const OF_A_TRUST_DOMAIN = [
  'p-access-network-info',
  'p-asserted-service',
  'p-associated-uri',
  'p-called-party-id',
  'p-charging-function-addresses',
  'p-charging-vector',
  'p-preferred-service',
  'p-served-user',
  'p-user-database',
  'p-visited-network-id',
];

/** Fields that point a reader at an inner server (RFC 3261 §20.4, §20.9, §20.18; RFC 6442 §4.1; RFC 4474 §9). */
export const NEVER_LEAVES_BY_NAME: ReadonlySet<string> = new Set([
  ...OF_A_TRUST_DOMAIN,
  'alert-info',
  'call-info',
  'error-info',
  'geolocation',
  'identity-info',
]);

/** Trust marks of other vendors' edges too, which would be believed inside: stripped from what comes in. */
export const NEVER_ENTERS_BY_NAME: ReadonlySet<string> = new Set([
  ...OF_A_TRUST_DOMAIN,
  'ms-edge-proxy-message-trust',
  'ms-user-data',
  'ms-asserted-verification-level',
]);

/** Fields that begin with the Call-ID of another dialog (RFC 3891, RFC 3911, RFC 4538). */
export const CALL_ID_FIELDS: ReadonlySet<string> = new Set(['replaces', 'join', 'target-dialog']);

/** Lower-case name of a line that the index has no number for; undefined for most that do not matter, by their first letter. */
export function unlistedName(index: MessageIndex, line: number): string | undefined {
  if (index.ids[line] !== Header.other) return undefined;
  const start = index.lineStart[line] ?? 0;
  if (FIRST_LETTERS[(index.bytes[start] ?? 0) | 0x20] !== 1) return undefined;
  const text = index.textAt(start, index.valueStart[line] as number);
  return text.slice(0, text.indexOf(':')).trimEnd().toLowerCase();
}

/** By lower-case byte: 1 where a name that matters begins with it. */
const FIRST_LETTERS = new Uint8Array(256);
for (const names of [NEVER_LEAVES_BY_NAME, NEVER_ENTERS_BY_NAME, CALL_ID_FIELDS, ['reply-to']]) {
  for (const name of names) FIRST_LETTERS[name.charCodeAt(0)] = 1;
}
