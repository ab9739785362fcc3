import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { decimal } from '@sallyport/shared/sip/grammar.ts';
import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { optionTags } from '@sallyport/shared/sip/option-tags.ts';
import { forwardedMaxForwards } from '@sallyport/shared/sip/proxy/hop-limits.ts';
import {
  type RecordRouteScheme,
  recordRouteScheme,
} from '@sallyport/shared/sip/proxy/record-route.ts';
import { validateRequest } from '@sallyport/shared/sip/proxy/request-validation.ts';
import {
  type ForwardedRoute,
  postprocessRoute,
} from '@sallyport/shared/sip/proxy/route-postprocess.ts';
import { fromDomain } from '@sallyport/shared/sip/syntax-check.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import { maskCallId } from '../hiding/call-id-masking.ts';
import { demandsOtherPriority } from '../hiding/resource-priority.ts';
import { unverifiedFromLine } from '../hiding/verified-mark.ts';
import type { RouteTokens } from '../route-token.ts';
import { inboundRoute } from '../routing/inbound-route.ts';
import { isAllowed, methodRefused, outboundRoute } from '../routing/outbound-route.ts';
import { forbidden, type Refusal, refusal } from '../routing/refusal.ts';
import type { CommunitySide, Origin, OwnName } from '../signalling.ts';
import type { Partner, SiteView } from '../site-view.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import { ownRecordRoute } from './own-record-route.ts';
import { type ReceivedRequest, receivedRequest } from './received-request.ts';
import { valuesOf } from './upstream-head.ts';

/** What planning needs beside the request and the site. */
export interface Planning {
  readonly tokens: RouteTokens;
  /** The same on all gateways of the site, or a loop over two of them is not seen. */
  readonly loopSeed: string;
}

const METHODS =
  'MESSAGE, OPTIONS, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER, PRACK';
/** What a 200 to OPTIONS says beside Allow (RFC 3261 §11.2): no language but that of our phrases, and no extension. */
const CAPABILITIES = [
  'Accept: application/sdp',
  'Accept-Encoding: identity',
  'Accept-Language: en',
  'Supported:',
] as const;
/** Option tags that a proxy must know (RFC 3261 §16.3 step 5): there are none that we do. */
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set();
const BAD_CALL_ID = refusal(400, 'Bad Call-ID', 'call-id-too-long');
/** Nothing leads there over TLS alone (RFC 5630 §5.3.2). */
const SIPS_NOT_ALLOWED = refusal(
  480,
  'Temporarily Unavailable',
  'sips-over-plain-tcp',
  'Warning: 380 sallyport "SIPS Not Allowed"',
);
/** The Contact behind our token is no sips URI. A partner gets no Warning, which would name us. */
const SIPS_TO_SIP = refusal(480, 'Temporarily Unavailable', 'sips-to-sip');
const UNKNOWN_PRIORITY = refusal(417, 'Unknown Resource-Priority', 'resource-priority-unknown');
const BAD_ROUTE = refusal(400, 'Bad Route', 'route-syntax');

/**
 * Validates a request and decides how it goes on, in the order of RFC 3261 §16.3 to §16.6.
 *
 * The syntax was checked before. Errors: the answer it gets instead, which may be a 200 to an OPTIONS for us.
 */
export function planRequest(
  index: MessageIndex,
  origin: Origin,
  method: string,
  site: SiteView,
  planning: Planning,
  communities: CommunitySide,
): Result<ForwardingPlan, Refusal> {
  const received = receivedRequest(index, origin, method, site, planning.tokens, planning.loopSeed);
  if (received === undefined) return err(BAD_ROUTE);
  const verdict = validateRequest(
    {
      method,
      requestUriScheme: schemeOf(received.requestUri),
      maxForwards: numberOf(index, Header.maxForwards),
      maxBreadth: numberOf(index, Header.maxBreadth),
      isLoop: received.isLoop,
      proxyRequire: optionTags(index, Header.proxyRequire),
    },
    KNOWN_EXTENSIONS,
  );
  if (verdict.type === 'reply') {
    const { status, reasonPhrase, headers } = verdict;
    return err({ status, reasonPhrase, headers, rule: `validation-${status}` });
  }
  const isForUs = method === 'OPTIONS' && namesUs(received.requestUri, site);
  if (verdict.type === 'answer-options' || isForUs) {
    return err(answerToOptions(optionTags(index, Header.require)));
  }
  if (verdict.type === 'drop') return err(refusal(400, 'Bad Request', 'ack-dropped'));
  const partner = origin.side === 'outside' ? site.partnerById.get(origin.peer) : undefined;
  if (origin.side === 'inside') return planOutward(received, site, planning.tokens);
  if (partner === undefined) return err(forbidden('partner-unknown'));
  return planInward(received, partner, site, planning.tokens, communities);
}

function planInward(
  received: ReceivedRequest,
  partner: Partner,
  site: SiteView,
  tokens: RouteTokens,
  communities: CommunitySide,
): Result<ForwardingPlan, Refusal> {
  const { index, method, callId, loop } = received;
  const isInDialog = received.toTag !== '';
  const route = wayInward(received, isInDialog, partner, site, tokens);
  if (!route.ok) return route;
  if (isDowngrade(received.requestUri, route.value.requestUri)) return err(SIPS_TO_SIP);
  const { community, preferredHost } = route.value;
  const targets = communities.hosts(community.id, preferredHost, callId);
  if (targets.length === 0 && method !== 'ACK') {
    return err(refusal(503, 'Service Unavailable', 'community-down', 'Retry-After: 5'));
  }
  const next = postprocessRoute(route.value.requestUri, route.value.routes);
  if (!next.ok) return err(BAD_ROUTE);
  const { requestUri } = next.value;
  // A Contact in the response replaces the one that this request was sent to; the route to it stands (§12.2.1.2).
  const routes = isInDialog ? route.value.routes : [];
  const hiding = { site, tokens, partner: partner.id, community: community.id, routes };
  const scheme = recordRouted(method, next.value, isInDialog);
  const isUnmasked = callId !== index.valueOf(Header.callId);
  // A NOTIFY in a dialog that began inside: only dialogs that the partner began remember a flow.
  const flow = isInDialog && isUnmasked ? '' : received.origin.flow;
  return ok({
    direction: 'inward',
    partner: partner.id,
    community: community.id,
    requestUri,
    hiding,
    routeLines: routeLines(next.value.routes),
    recordRoute: scheme
      ? (ownName: OwnName) => ownRecordRoute('inside', scheme, hiding, flow, ownName)
      : noRecordRoute,
    maxForwards: forwardedMaxForwards(numberOf(index, Header.maxForwards)) ?? 0,
    callIdLine: isUnmasked ? `Call-ID: ${callId}\r\n` : undefined,
    fromLine: unverifiedFromLine(index),
    loop,
    answerScheme: isInDialog ? undefined : scheme,
    recordRouteCount: scheme ? valuesOf(index, Header.recordRoute).length : 0,
    targets,
    isSecure: false,
    flow: undefined,
  });
}

/** What the partner may ask, in whose name, and where that leads. */
function wayInward(
  received: ReceivedRequest,
  isInDialog: boolean,
  partner: Partner,
  site: SiteView,
  tokens: RouteTokens,
): ReturnType<typeof inboundRoute> {
  if (!isAllowed(received.method, partner)) return err(methodRefused(partner));
  // The edge has asked this already; its host may belong to somebody else by now.
  if (!partner.domains.includes(fromDomain(received.index) ?? '')) {
    return err(forbidden('sender-not-of-partner'));
  }
  if (received.method !== 'ACK' && demandsOtherPriority(received.index, partner)) {
    return err(UNKNOWN_PRIORITY);
  }
  return inboundRoute({ ...received, isInDialog, partner }, site, tokens);
}

function planOutward(
  received: ReceivedRequest,
  site: SiteView,
  tokens: RouteTokens,
): Result<ForwardingPlan, Refusal> {
  const { index, method, callId, loop } = received;
  const isInDialog = received.toTag !== '';
  const route = outboundRoute(
    { ...received, isInDialog, fromDomain: fromDomain(index) },
    site,
    tokens,
  );
  if (!route.ok) return route;
  const { partner, flow } = route.value;
  const next = postprocessRoute(route.value.requestUri, route.value.routes);
  if (!next.ok) return err(BAD_ROUTE);
  const community = received.origin.peer;
  const hiding = {
    site,
    tokens,
    partner: partner.id,
    community,
    routes: valuesOf(index, Header.recordRoute),
  };
  const { requestUri } = next.value;
  const isSecure = schemeOf(requestUri) === 'sips' || schemeOf(next.value.nextHop) === 'sips';
  if (isSecure && partner.transport === 'tcp') return err(SIPS_NOT_ALLOWED);
  const scheme = recordRouted(method, next.value, isInDialog);
  // A dialog that the partner began is known by the partner's own Call-ID; only such a dialog remembers a flow.
  const isPartnersDialog = isInDialog && flow !== undefined;
  const masked = isPartnersDialog ? callId : maskCallId(callId, partner.id, tokens);
  if (masked === undefined) return err(BAD_CALL_ID);
  return ok({
    direction: 'outward',
    partner: partner.id,
    community,
    requestUri,
    hiding,
    routeLines: routeLines(next.value.routes),
    recordRoute: scheme
      ? (ownName: OwnName) => ownRecordRoute('outside', scheme, hiding, '', ownName)
      : noRecordRoute,
    maxForwards: forwardedMaxForwards(numberOf(index, Header.maxForwards)) ?? 0,
    callIdLine: masked === callId ? undefined : `Call-ID: ${masked}\r\n`,
    fromLine: undefined,
    loop,
    answerScheme: isInDialog ? undefined : scheme,
    recordRouteCount: 0,
    targets: [next.value.nextHop],
    isSecure,
    flow,
  });
}

/**
 * Scheme of our Record-Route; undefined where none belongs. Only the request that begins a dialog fixes its route set (RFC 3261 §12.2): later ones need no Record-Route. But any NOTIFY
 * may be the one that begins it, for a subscriber whose SUBSCRIBE was forked (RFC 6665 §4.3).
 */
function recordRouted(
  method: string,
  next: ForwardedRoute,
  isInDialog: boolean,
): RecordRouteScheme | undefined {
  if (isInDialog && method !== 'NOTIFY') return undefined;
  return recordRouteScheme(method, next.requestUri, next.routes[0] && next.nextHop);
}

function noRecordRoute(): string {
  return '';
}

function routeLines(routes: readonly string[]): string {
  if (routes.length === 0) return '';
  return routes.map((value) => `Route: ${value}\r\n`).join('');
}

function schemeOf(uri: string): string {
  return uri.slice(0, uri.indexOf(':')).toLowerCase();
}

/** A sips URI goes on as one, or not at all (RFC 5630 §5.3). */
function isDowngrade(asked: string, meant: string): boolean {
  return asked !== meant && schemeOf(asked) === 'sips' && schemeOf(meant) !== 'sips';
}

function numberOf(index: MessageIndex, id: HeaderId): number | undefined {
  const line = index.first(id);
  if (line < 0) return undefined;
  const { bytes, valueStart, valueEnd } = index;
  const [start, end] = [valueStart[line] as number, valueEnd[line] as number];
  return decimal(bytes, start, end, Number.MAX_SAFE_INTEGER);
}

function namesUs(requestUri: string, site: SiteView): boolean {
  const uri = parseSipUri(requestUri);
  if (!uri.ok || uri.value.user !== undefined) return false;
  return site.outsideHosts.has(uri.value.host) || uri.value.host === site.innerHost;
}

/** By this rule OPTIONS is answered 200. */
export const TO_US = 'options-to-us';

/**
 * OPTIONS to us, or one that may go no further, is answered as by a user agent (RFC 3261 §11, §16.3 step 3), which must
 * know the extensions that it requires (§8.2.2.3): there are none that we do.
 */
function answerToOptions(required: readonly string[]): Refusal {
  if (required.length > 0) {
    const unsupported = `Unsupported: ${required.join(', ')}`;
    return refusal(420, 'Bad Extension', 'options-requires-extension', unsupported);
  }
  return refusal(200, 'OK', TO_US, `Allow: ${METHODS}`, ...CAPABILITIES);
}
