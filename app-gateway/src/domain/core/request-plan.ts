import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import {
  forwardedMaxBreadth,
  forwardedMaxForwards,
} from '@sallyport/shared/sip/proxy/hop-limits.ts';
import { findLoop, loopHash } from '@sallyport/shared/sip/proxy/loop-detection.ts';
import { fromDomain } from '@sallyport/shared/sip/syntax-check.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import { parseVia } from '@sallyport/shared/sip/via.ts';
import type { CommunitySide, Origin } from '../../ports/signalling.ts';
import { maskCallId, unmaskCallId } from '../hiding/call-id-masking.ts';
import { isToken, type RouteTokens } from '../route-token.ts';
import { inboundRoute } from '../routing/inbound-route.ts';
import { isAllowed, outboundRoute } from '../routing/outbound-route.ts';
import { forbidden, type Refusal, refusal } from '../routing/refusal.ts';
import type { Partner, SiteView } from '../site-view.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import { ownRecordRoute } from './own-record-route.ts';
import { tagOf } from './request-key.ts';
import { valuesOf } from './upstream-head.ts';

/** What planning needs beside the request and the site. */
export interface Planning {
  readonly tokens: RouteTokens;
  /** The same on all gateways of the site, or a loop over two of them is not seen. */
  readonly loopSeed: number;
}

/** Methods that begin a dialog and are record-routed (RFC 3261 §12.1, RFC 6665 §4.5.2, RFC 3515). */
const DIALOG_FORMING: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/** Option tags that we understand as a proxy: none (RFC 3261 §16.3 step 5). */
const ALLOW =
  'Allow: MESSAGE, OPTIONS, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER, PRACK';

/** Everything of the request that validation and routing read, taken out once. */
interface Facts {
  readonly index: MessageIndex;
  readonly origin: Origin;
  readonly method: string;
  readonly site: SiteView;
  readonly planning: Planning;
  readonly callId: string;
  readonly toTag: string;
  readonly requestUri: string;
  readonly routes: readonly string[];
  readonly ownRoute: string | undefined;
}

/**
 * Validates a request and decides how it goes on, in the order of RFC 3261 §16.3 to §16.6.
 *
 * The syntax was checked before. Errors: the refusal to answer with.
 */
export function planRequest(
  index: MessageIndex,
  origin: Origin,
  method: string,
  site: SiteView,
  planning: Planning,
  communities: CommunitySide,
): Result<ForwardingPlan, Refusal> {
  const maxForwards = forwardedMaxForwards(numberOf(index, Header.maxForwards));
  if (method === 'OPTIONS' && (maxForwards === undefined || isForUs(index, site)))
    return err(alive());
  if (maxForwards === undefined) return err(refusal(483, 'Too Many Hops', 'max-forwards'));
  if (forwardedMaxBreadth(numberOf(index, Header.maxBreadth)) === undefined) {
    return err(refusal(440, 'Max-Breadth Exceeded', 'max-breadth'));
  }
  const extensions = index.valueOf(Header.proxyRequire);
  if (extensions !== undefined) {
    return err(refusal(420, 'Bad Extension', 'proxy-require', `Unsupported: ${extensions}`));
  }
  const facts = factsOf(index, origin, method, site, planning);
  const loop = loopOf(facts);
  if (loop === undefined) return err(refusal(482, 'Loop Detected', 'loop'));
  const partner = origin.side === 'outside' ? site.partnerById.get(origin.peer) : undefined;
  if (origin.side === 'inside') return planOutward(facts, maxForwards, loop);
  if (partner === undefined) return err(forbidden('partner-unknown'));
  return planInward(facts, partner, maxForwards, loop, communities);
}

function planInward(
  facts: Facts,
  partner: Partner,
  maxForwards: number,
  loop: string,
  communities: CommunitySide,
): Result<ForwardingPlan, Refusal> {
  const { index, site, planning, method } = facts;
  if (!isAllowed(method, partner)) {
    const allow = `Allow: ${[...partner.methods].join(', ')}`;
    return err(refusal(405, 'Method Not Allowed', 'method-not-allowed', allow));
  }
  const isInDialog = facts.toTag !== '';
  const route = inboundRoute({ ...facts, isInDialog, partner }, site, planning.tokens);
  if (!route.ok) return route;
  const { community, preferredHost } = route.value;
  const targets = communities.hosts(community.id, preferredHost, facts.callId);
  if (targets.length === 0 && method !== 'ACK') {
    return err(refusal(503, 'Service Unavailable', 'community-down', 'Retry-After: 5'));
  }
  const next = strictRouting(route.value.requestUri, route.value.routes);
  const hiding = {
    site,
    tokens: planning.tokens,
    partner: partner.id,
    community: community.id,
    routes: [],
  };
  const shared = {
    partner: partner.id,
    community: community.id,
    hiding,
    requestUri: next.requestUri,
  };
  const isDialogForming = !isInDialog && DIALOG_FORMING.has(method);
  const outerCallId = index.valueOf(Header.callId) ?? '';
  return ok({
    ...shared,
    direction: 'inward',
    routeLines: routeLines(next.routes),
    recordRouteLine: isDialogForming ? ownRecordRoute('inside', shared, facts.origin.flow) : '',
    maxForwards,
    callIdLine: facts.callId === outerCallId ? undefined : `Call-ID: ${facts.callId}\r\n`,
    loop,
    isDialogForming,
    recordRouteCount: isDialogForming ? valuesOf(index, Header.recordRoute).length : 0,
    targets,
    flow: undefined,
  });
}

function planOutward(
  facts: Facts,
  maxForwards: number,
  loop: string,
): Result<ForwardingPlan, Refusal> {
  const { index, site, planning, method } = facts;
  const isInDialog = facts.toTag !== '';
  const request = { ...facts, isInDialog, fromDomain: fromDomain(index) };
  const route = outboundRoute(request, site, planning.tokens);
  if (!route.ok) return route;
  const { partner, nextHop, flow } = route.value;
  const community = facts.origin.peer;
  const routes = valuesOf(index, Header.recordRoute);
  const hiding = { site, tokens: planning.tokens, partner: partner.id, community, routes };
  const next = strictRouting(route.value.requestUri, route.value.routes);
  const shared = { partner: partner.id, community, hiding, requestUri: next.requestUri };
  const isDialogForming = !isInDialog && DIALOG_FORMING.has(method);
  const callId = maskCallId(facts.callId, partner.id, planning.tokens);
  return ok({
    ...shared,
    direction: 'outward',
    routeLines: routeLines(next.routes),
    recordRouteLine: isDialogForming ? ownRecordRoute('outside', shared, '') : '',
    maxForwards,
    callIdLine: callId === facts.callId ? undefined : `Call-ID: ${callId}\r\n`,
    loop,
    isDialogForming,
    recordRouteCount: 0,
    targets: [uriOf(nextHop)],
    flow,
  });
}

/** Takes our own Route entries off the top, and keeps the last one taken (RFC 3261 §16.4). */
function factsOf(
  index: MessageIndex,
  origin: Origin,
  method: string,
  site: SiteView,
  planning: Planning,
): Facts {
  const outerCallId = index.valueOf(Header.callId) ?? '';
  const callId =
    origin.side === 'outside'
      ? unmaskCallId(outerCallId, origin.peer, planning.tokens)
      : outerCallId;
  const toTag = tagOf(index.valueOf(Header.to));
  const routes = index.count(Header.route) === 0 ? [] : valuesOf(index, Header.route);
  let requestUri = index.requestUri();
  let ownRoute: string | undefined;
  if (isOwnRouteUri(requestUri, origin.side, site, planning.tokens) && routes.length > 0) {
    // A strict router put our Record-Route URI into the Request-URI: undo it.
    ownRoute = requestUri;
    requestUri = uriOf(routes.pop() ?? '');
  }
  while (routes.length > 0 && isOwnName(uriOf(routes[0] ?? ''), origin.side, site)) {
    ownRoute = uriOf(routes.shift() ?? '');
  }
  return { index, origin, method, site, planning, callId, toTag, requestUri, routes, ownRoute };
}

/** Whether a URI is at the name by which this side knows us. */
function isOwnName(uriText: string, side: Origin['side'], site: SiteView): boolean {
  const uri = parseSipUri(uriText);
  if (!uri.ok) return false;
  return side === 'outside'
    ? uri.value.host === site.publicHost && (uri.value.port ?? site.publicPort) === site.publicPort
    : site.innerNames.has(`${uri.value.host}:${uri.value.port ?? 5061}`);
}

/** Whether a Request-URI is one that we put into a Record-Route, rather than a Contact that we gave out. */
function isOwnRouteUri(
  uriText: string,
  side: Origin['side'],
  site: SiteView,
  tokens: RouteTokens,
): boolean {
  const user = /^sips?:([^@;?]+)@/i.exec(uriText)?.[1];
  if (!isToken(user) || !isOwnName(uriText, side, site)) return false;
  const opened = tokens.open(user ?? '');
  return opened.ok && opened.value.kind === 'route';
}

/** The loop part of our branch, or undefined where the request was here before (RFC 5393 §4.2). */
function loopOf(facts: Facts): string | undefined {
  const { index } = facts;
  const hash = loopHash(
    {
      requestUri: facts.requestUri,
      routes: facts.routes,
      callId: facts.callId,
      fromTag: tagOf(index.valueOf(Header.from)),
      toTag: facts.toTag,
      cseqNumber: Number.parseInt(index.valueOf(Header.cseq) ?? '0', 10),
      proxyRequire: '',
      proxyAuthorization: '',
    },
    facts.planning.loopSeed,
  );
  return findLoop(ownBranches(facts), hash) ? undefined : hash;
}

/** Branches of the Via values that carry one of our names: few requests have any. */
function ownBranches(facts: Facts): string[] {
  const { index, site } = facts;
  const branches: string[] = [];
  for (let line = index.first(Header.via); line < index.headerCount; line++) {
    if (index.ids[line] !== Header.via) continue;
    const text = index.value(line);
    if (!text.includes(site.publicHost) && !text.includes(site.innerHost)) continue;
    for (const value of splitList(text)) {
      const via = parseVia(value);
      if (!via.ok) continue;
      const { host } = via.value;
      if (host !== site.publicHost && host !== site.innerHost) continue;
      branches.push(via.value.parameters.get('branch') ?? '');
    }
  }
  return branches;
}

/** A next hop without `lr` is a strict router: it wants its URI in the request line (RFC 3261 §16.6 step 6). */
function strictRouting(
  requestUri: string,
  routes: readonly string[],
): { readonly requestUri: string; readonly routes: readonly string[] } {
  const first = routes[0];
  const uri = first === undefined ? undefined : parseSipUri(uriOf(first));
  if (first === undefined || !uri?.ok || uri.value.parameters.has('lr'))
    return { requestUri, routes };
  return { requestUri: uriOf(first), routes: [...routes.slice(1), `<${requestUri}>`] };
}

function routeLines(routes: readonly string[]): string {
  return routes.map((value) => `Route: ${value}\r\n`).join('');
}

/** URI of a Route value; a bare URI passes as it is. */
function uriOf(value: string): string {
  const nameAddr = parseNameAddr(value);
  return nameAddr.ok ? nameAddr.value.uri : value;
}

function numberOf(index: MessageIndex, id: typeof Header.maxForwards | typeof Header.maxBreadth) {
  const text = index.valueOf(id);
  return text === undefined ? undefined : Number(text);
}

function isForUs(index: MessageIndex, site: SiteView): boolean {
  const uri = parseSipUri(index.requestUri());
  if (!uri.ok || uri.value.user !== undefined) return false;
  return uri.value.host === site.publicHost || uri.value.host === site.innerHost;
}

/** OPTIONS to us, or that may go no further, is answered as by a user agent (RFC 3261 §11, §16.3 step 3). */
function alive(): Refusal {
  return refusal(200, 'OK', 'options-to-us', ALLOW, 'Accept: application/sdp', 'Supported:');
}
