import { ok } from '@sallyport/shared/result.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { findLoop, loopHash } from '@sallyport/shared/sip/proxy/loop-detection.ts';
import { preprocessRoute } from '@sallyport/shared/sip/proxy/route-preprocess.ts';
import { fromTag, toTag as toTagOf } from '@sallyport/shared/sip/syntax-check.ts';
import type { SipUri } from '@sallyport/shared/sip/uri.ts';
import { parseVia } from '@sallyport/shared/sip/via.ts';
import { unmaskCallId } from '../hiding/call-id-masking.ts';
import type { RouteTokens } from '../route-token.ts';
import { isOutsideName } from '../routing/inbound-route.ts';
import type { Origin, OwnName } from '../signalling.ts';
import type { SiteView } from '../site-view.ts';
import { valuesOf } from './upstream-head.ts';

/** What validation and routing read of a request, with our own traces taken off (RFC 3261 §16.4). */
export interface ReceivedRequest {
  readonly index: MessageIndex;
  readonly origin: Origin;
  readonly method: string;
  /** As the inside knows it. */
  readonly callId: string;
  readonly toTag: string;
  readonly requestUri: string;
  readonly routes: readonly string[];
  readonly ownRoute: string | undefined;
  /** Loop part for the branch we put on it (RFC 5393 §4.2.1). */
  readonly loop: string;
  readonly isLoop: boolean;
}

/** Undefined where a Route value does not parse. */
export function receivedRequest(
  index: MessageIndex,
  origin: Origin,
  method: string,
  site: SiteView,
  tokens: RouteTokens,
  loopSeed: string,
): ReceivedRequest | undefined {
  const outerCallId = index.valueOf(Header.callId) ?? '';
  const callId =
    origin.side === 'outside' ? unmaskCallId(outerCallId, origin.peer, tokens) : outerCallId;
  const routes = index.count(Header.route) === 0 ? [] : valuesOf(index, Header.route);
  const way = wayOf(index.requestUri(), routes, origin, site, tokens);
  if (!way.ok) return undefined;
  const toTag = toTagOf(index);
  const loop = loopHash(
    {
      requestUri: way.value.requestUri,
      routes: way.value.routes,
      callId,
      fromTag: fromTag(index),
      toTag,
      cseqNumber: Number.parseInt(index.valueOf(Header.cseq) ?? '0', 10),
    },
    loopSeed,
  );
  const isLoop = isOnTrace(index, loop) && findLoop(ownBranches(index, site), loop);
  const { requestUri, ownRoute } = way.value;
  return {
    index,
    origin,
    method,
    callId,
    toTag,
    requestUri,
    routes: way.value.routes,
    ownRoute,
    loop,
    isLoop,
  };
}

/** Without a Route and a maddr there is nothing of ours to take off, and the Request-URI need not be parsed. */
function wayOf(
  requestUri: string,
  routes: readonly string[],
  { side, ownName }: Origin,
  site: SiteView,
  tokens: RouteTokens,
) {
  if (routes.length === 0 && !/;maddr/i.test(requestUri)) {
    return ok({ requestUri, routes, ownRoute: undefined });
  }
  const isOwnRoute = (uri: SipUri) => isOurs(uri, side, site);
  const received = ownName ?? site.innerName;
  return preprocessRoute(requestUri, routes, {
    isOwnRoute,
    isOwnRecordRoute: (uri) => isOwnRoute(uri) && isRouteToken(uri.user, tokens),
    isOwnHost: (host) =>
      side === 'outside' ? site.outsideHosts.has(host) : host === site.innerHost,
    receivedPort: portOf(received),
    receivedTransport: received.transport,
  });
}

/**
 * Whether a URI is at the name by which that side knows us. Outside that is also a bare domain of ours, which DNS leads
 * here: user agents put it into the Route of their first request (RFC 3261 §8.1.2).
 */
function isOurs(uri: SipUri, side: Origin['side'], site: SiteView): boolean {
  if (side === 'inside') return site.innerNames.has(`${uri.host}:${uri.port ?? 5061}`);
  if (uri.port === undefined && site.ownDomains.has(uri.host)) return true;
  return isOutsideName(uri, site);
}

function portOf({ hostPort }: OwnName): number {
  return Number(hostPort.slice(hostPort.lastIndexOf(':') + 1));
}

/** A URI that we put into a Record-Route, rather than a Contact that we gave out. */
function isRouteToken(user: string | undefined, tokens: RouteTokens): boolean {
  if (user === undefined) return false;
  const opened = tokens.open(user);
  return opened.ok && opened.value.kind === 'route';
}

/** Whether any Via line holds that hash at all: hardly ever, and then its values need not be read. */
function isOnTrace(index: MessageIndex, loop: string): boolean {
  for (let line = index.first(Header.via); line < index.headerCount; line++) {
    if (index.ids[line] === Header.via && index.value(line).includes(loop)) return true;
  }
  return false;
}

/** Branches of the Via values that carry one of our names, whichever gateway wrote them. */
function ownBranches(index: MessageIndex, site: SiteView): string[] {
  const branches: string[] = [];
  for (let line = index.first(Header.via); line < index.headerCount; line++) {
    if (index.ids[line] !== Header.via) continue;
    for (const value of splitList(index.value(line))) {
      const via = parseVia(value);
      if (!via.ok) continue;
      const { host, port = 5061, parameters } = via.value;
      if (site.outsideHosts.has(host) || site.innerNames.has(`${host}:${port}`)) {
        branches.push(parameters.get('branch') ?? '');
      }
    }
  }
  return branches;
}
