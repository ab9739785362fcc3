import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import { namesInside } from '../hiding/inner-names.ts';
import { isToken, type RouteToken, type RouteTokens } from '../route-token.ts';
import type { Partner, SiteView } from '../site-view.ts';
import { forbidden, type Refusal, refusal } from './refusal.ts';

/** What routing reads of a request that came from inside, after RFC 3261 §16.4. */
export interface OutboundRequest {
  readonly method: string;
  readonly requestUri: string;
  readonly routes: readonly string[];
  readonly ownRoute: string | undefined;
  readonly isInDialog: boolean;
  /** Lower-case host of the From URI. */
  readonly fromDomain: string | undefined;
}

/** Which partner an inner request goes to, and the URI to locate there (RFC 3261 §16.6 step 7). */
export interface OutboundRoute {
  readonly partner: Partner;
  readonly requestUri: string;
  readonly routes: readonly string[];
  readonly nextHop: string;
  /** Flow on which the dialog began, as our token remembers it. */
  readonly flow: string | undefined;
}

/**
 * Decides which partner a request from inside goes to.
 *
 * A dialog stays with the partner that it began with: when that is gone, so is the dialog (481), and nobody inherits it.
 * A sender must belong to a domain of ours, and a receiver to a partner, by its domain or by the token that
 * we put into the dialog's Record-Route: nothing goes to strangers, and no Route of the inside leaves.
 */
export function outboundRoute(
  request: OutboundRequest,
  site: SiteView,
  tokens: RouteTokens,
): Result<OutboundRoute, Refusal> {
  const uri = parseSipUri(request.requestUri);
  if (!uri.ok) return err(refusal(400, 'Bad Request-URI', 'request-uri-syntax'));
  const remembered = rememberedRoute(request.ownRoute, tokens);
  const partner =
    remembered === undefined
      ? site.partnerByDomain.get(uri.value.host)
      : site.partnerById.get(remembered.partner);
  if (partner === undefined) {
    if (request.isInDialog) return err(noDialog());
    return err(site.ownDomains.has(uri.value.host) ? notFound() : forbidden('partner-unknown'));
  }
  if (!site.ownDomains.has(request.fromDomain ?? '')) return err(forbidden('sender-not-ours'));
  if (!isAllowed(request.method, partner)) return err(methodRefused(partner));
  // It would travel to the partner, who can only send it back, or nowhere.
  if (request.routes.some((value) => namesInside(value, site))) {
    return err(forbidden('route-leads-inside'));
  }
  return ok({
    partner,
    requestUri: request.requestUri,
    routes: request.routes,
    nextHop: request.routes[0] ?? request.requestUri,
    flow: remembered?.value || undefined,
  });
}

/** ACK and CANCEL belong to the INVITE that was allowed. */
export function isAllowed(method: string, partner: Partner): boolean {
  return method === 'ACK' || method === 'CANCEL' || partner.methods.has(method);
}

/** Allow names all that `isAllowed` lets through (RFC 3261 §8.2.1). */
export function methodRefused(partner: Partner): Refusal {
  const allow = `Allow: ${[...new Set([...partner.methods, 'ACK', 'CANCEL'])].join(', ')}`;
  return refusal(405, 'Method Not Allowed', 'method-not-allowed', allow);
}

function rememberedRoute(
  ownRoute: string | undefined,
  tokens: RouteTokens,
): RouteToken | undefined {
  const uri = ownRoute === undefined ? undefined : parseSipUri(ownRoute);
  if (!uri?.ok || !isToken(uri.value.user)) return undefined;
  const opened = tokens.open(uri.value.user ?? '');
  return opened.ok && opened.value.kind === 'route' ? opened.value : undefined;
}

function noDialog(): Refusal {
  return refusal(481, 'Call/Transaction Does Not Exist', 'no-route-for-dialog');
}

function notFound(): Refusal {
  return refusal(404, 'Not Found', 'own-domain-is-inside');
}
