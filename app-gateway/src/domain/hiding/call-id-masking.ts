import { closestDomain } from '@sallyport/shared/net/within-domains.ts';
import { isToken, type RouteToken, type RouteTokens } from '../route-token.ts';
import type { SiteView } from '../site-view.ts';
import { tellsInside } from './inner-names.ts';

/**
 * Masks a Call-ID that may carry a host: `local@host`, which is how most inner servers make them, or anything with a dot or
 * colon in it.
 *
 * The mask is a token, so the same Call-ID always gets the same mask and any gateway can take it off again.
 * Undefined: it is too long for one, and does not leave.
 */
export function maskCallId(
  callId: string,
  partner: string,
  tokens: RouteTokens,
): string | undefined {
  if (!HOST_MARK.test(callId)) return callId;
  const mask = tokens.seal(hiding(callId, partner));
  return mask.ok ? mask.value : undefined;
}

/**
 * The same for one that stands in a field of its own, unless what stands behind it tells of the inside, or there were too many
 * in the message. One that the partner made has no mask, and must be recognised: what shows it is the partner's domain behind
 * its `@`.
 */
export function maskNamedCallId(
  callId: string,
  behind: string,
  partner: string,
  { site, tokens }: { readonly site: SiteView; readonly tokens: RouteTokens },
): string | undefined {
  if (tellsInside(behind, site)) return undefined;
  if (!HOST_MARK.test(callId) || isMadeBy(partner, callId, site)) return callId;
  const mask = tokens.sealNamed(hiding(callId, partner));
  return mask.ok ? mask.value : undefined;
}

function hiding(callId: string, partner: string): RouteToken {
  return { kind: 'call-id', partner, community: '', value: callId, routes: [] };
}

/** Below a company's domain there may be one of ours, or of another company: the closest one says whose it is. */
function isMadeBy(partner: string, callId: string, site: SiteView): boolean {
  const at = callId.lastIndexOf('@');
  if (at < 0) return false;
  const [host = ''] = callId
    .slice(at + 1)
    .toLowerCase()
    .split(':', 1);
  const isKnown = (name: string) => site.ownDomains.has(name) || site.partnerByDomain.has(name);
  const domain = closestDomain(host, isKnown);
  if (domain === undefined || site.ownDomains.has(domain)) return false;
  return site.partnerByDomain.get(domain)?.id === partner && !tellsInside(callId, site);
}

const HOST_MARK = /[@.:]/;

/**
 * Under which other Call-IDs a call goes: behind a mask of ours the one that it hides; for one that would be masked, its
 * masks towards these partners.
 */
export function otherCallIds(
  callId: string,
  partners: readonly string[],
  tokens: RouteTokens,
): readonly string[] {
  const opened = tokens.open(callId);
  if (opened.ok) return opened.value.kind === 'call-id' ? [opened.value.value] : [];
  if (!HOST_MARK.test(callId)) return [];
  return partners.flatMap((partner) => maskCallId(callId, partner, tokens) ?? []);
}

/** Takes the mask off a Call-ID that this partner was given; any other passes as it is. */
export function unmaskCallId(callId: string, partner: string, tokens: RouteTokens): string {
  if (!isToken(callId)) return callId;
  const opened = tokens.open(callId);
  if (!opened.ok || opened.value.kind !== 'call-id') return callId;
  return opened.value.partner === partner ? opened.value.value : callId;
}
