import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import { parseSipUri, type SipUri } from '@sallyport/shared/sip/uri.ts';
import { isToken, type RouteToken, type RouteTokens } from '../route-token.ts';
import type { Community, Partner, SiteView } from '../site-view.ts';
import { forbidden, type Refusal, refusal } from './refusal.ts';

/** What routing reads of a request that came from a partner, after RFC 3261 §16.4. */
export interface InboundRequest {
  readonly requestUri: string;
  /** Route values left after our own were taken off the top. */
  readonly routes: readonly string[];
  /** Our own Route entry that stood on top, if any. */
  readonly ownRoute: string | undefined;
  readonly isInDialog: boolean;
  readonly partner: Partner;
}

/** Where a partner's request goes inside. */
export interface InboundRoute {
  readonly community: Community;
  readonly requestUri: string;
  readonly routes: readonly string[];
  /** Host that the dialog's next hop names, to prefer among the community's hosts. */
  readonly preferredHost: string | undefined;
}

/**
 * Decides where a partner's request goes inside (RFC 3261 §16.5).
 *
 * Only two things lead inside: a domain of ours, and a token that we gave to this very partner. Everything
 * else would make us an open relay.
 */
export function inboundRoute(
  request: InboundRequest,
  site: SiteView,
  tokens: RouteTokens,
): Result<InboundRoute, Refusal> {
  if (request.routes.length > 0) return err(forbidden('no-source-route-through-us'));
  const uri = parseSipUri(request.requestUri);
  if (!uri.ok) return err(refusal(400, 'Bad Request-URI', 'request-uri-syntax'));
  if (isToken(uri.value.user)) return byToken(uri.value, request, site, tokens);
  if (leadsElsewhere(uri.value, site)) return err(forbidden('no-open-relay'));
  const community = site.communityByDomain.get(uri.value.host);
  if (community !== undefined) {
    const routes = rememberedRoutes(request, community, tokens);
    return ok(inside(request.requestUri, community, routes));
  }
  if (isOutsideName(uri.value, site)) return byOwnRoute(request, site, tokens);
  return err(site.ownDomains.has(uri.value.host) ? notFound() : forbidden('no-open-relay'));
}

/** A `maddr` names the place to go to, whatever the host is (§16.5); a server inside might follow it to anywhere. */
function leadsElsewhere({ parameters }: SipUri, site: SiteView): boolean {
  if (!parameters.has('maddr')) return false;
  const place = parameters.get('maddr')?.toLowerCase() ?? '';
  return !site.outsideHosts.has(place) && !site.ownDomains.has(place);
}

function byToken(
  uri: SipUri,
  request: InboundRequest,
  site: SiteView,
  tokens: RouteTokens,
): Result<InboundRoute, Refusal> {
  const opened = openFor(uri.user ?? '', 'contact', request.partner, tokens);
  const community = opened && site.communityById.get(opened.community);
  if (opened === undefined || community === undefined) {
    return err(request.isInDialog ? noDialog() : notFound());
  }
  // A Contact of a later request or response came without the route; our Record-Route has it (§12.2).
  const routes =
    opened.routes.length > 0 ? opened.routes : rememberedRoutes(request, community, tokens);
  return ok(inside(opened.value, community, routes, true));
}

/** The inner route set of the dialog that the request says it is of. */
function rememberedRoutes(
  { ownRoute, isInDialog, partner }: InboundRequest,
  community: Community,
  tokens: RouteTokens,
): readonly string[] {
  if (ownRoute === undefined || !isInDialog) return NONE;
  const opened = openRoute(ownRoute, partner, tokens);
  return opened?.community === community.id ? opened.routes : NONE;
}

const NONE: readonly string[] = [];

/** Request-URI is our bare public name: only a dialog that we record-routed can mean something by it. */
function byOwnRoute(
  request: InboundRequest,
  site: SiteView,
  tokens: RouteTokens,
): Result<InboundRoute, Refusal> {
  const { ownRoute, isInDialog, partner } = request;
  const opened = ownRoute === undefined ? undefined : openRoute(ownRoute, partner, tokens);
  const community = opened && site.communityById.get(opened.community);
  if (opened === undefined || community === undefined) {
    return err(isInDialog ? noDialog() : notFound());
  }
  return ok(inside(request.requestUri, community, isInDialog ? opened.routes : NONE));
}

/** What our own Route entry says, if this partner was given it. */
function openRoute(
  ownRoute: string,
  partner: Partner,
  tokens: RouteTokens,
): RouteToken | undefined {
  const uri = parseSipUri(ownRoute);
  return openFor((uri.ok && uri.value.user) || '', 'route', partner, tokens);
}

function openFor(
  text: string,
  kind: RouteToken['kind'],
  partner: Partner,
  tokens: RouteTokens,
): RouteToken | undefined {
  const opened = tokens.open(text);
  if (!opened.ok || opened.value.kind !== kind) return undefined;
  return opened.value.partner === partner.id ? opened.value : undefined;
}

/** A bare address of record prefers no host; a Contact the one that it names, and a route its first. */
function inside(
  requestUri: string,
  community: Community,
  routes: readonly string[],
  isContact = false,
): InboundRoute {
  const next = routes[0] ?? (isContact ? requestUri : undefined);
  return { community, requestUri, routes, preferredHost: next && hostOf(next) };
}

/** Whether a URI is at a name by which partners know us; without a port DNS may have led here (RFC 3263 §4.2). */
export function isOutsideName({ host, port }: SipUri, site: SiteView): boolean {
  return port === undefined
    ? site.outsideHosts.has(host)
    : site.outsideNames.has(`${host}:${port}`);
}

/** Of a Route value or a bare URI. */
function hostOf(text: string): string | undefined {
  const address = parseNameAddr(text);
  const uri = address.ok ? parseSipUri(address.value.uri) : address;
  return uri.ok ? `${uri.value.host}:${uri.value.port ?? 5061}` : undefined;
}

function noDialog(): Refusal {
  return refusal(481, 'Call/Transaction Does Not Exist', 'token-not-ours');
}

function notFound(): Refusal {
  return refusal(404, 'Not Found', 'no-community-for-domain');
}
