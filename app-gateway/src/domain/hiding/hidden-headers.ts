import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';

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

/** Trust marks of other vendors' edges, which would be believed inside: stripped from what comes in. */
export const NEVER_ENTERS_BY_NAME: ReadonlySet<string> = new Set([
  'ms-edge-proxy-message-trust',
  'ms-user-data',
  'ms-asserted-verification-level',
  'p-asserted-service',
  'p-charging-vector',
  'p-charging-function-addresses',
  'p-access-network-info',
  'p-visited-network-id',
]);
