import { isWithinDomains } from '@sallyport/shared/net/within-domains.ts';
import { everyContactHost } from '@sallyport/shared/sip/contact-hosts.ts';
import { statusOf } from '@sallyport/shared/sip/fault-status.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { optionTags } from '@sallyport/shared/sip/option-tags.ts';
import type { SipFault } from '@sallyport/shared/sip/sip-fault.ts';
import { checkRequest, fromDomain } from '@sallyport/shared/sip/syntax-check.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import type { Partner } from './partner.ts';

/** What the edge answers by itself, and the code it is counted and logged under. */
export interface EdgeAnswer {
  readonly code: string;
  readonly status: number;
  readonly reasonPhrase: string;
  readonly headers: readonly string[];
}

/** Whose request is screened, as its connection has proven. */
export interface Sender {
  readonly partner: Partner;
  /** Domains that the certificate covers, by itself or by a delegation. */
  readonly domains: ReadonlySet<string>;
  /** Host names in the certificate, domains or not. */
  readonly hosts: ReadonlySet<string>;
}

/** One text for every refusal by policy: a stranger learns nothing of what exists here. */
const FORBIDDEN = { status: 403, reasonPhrase: 'Forbidden', headers: [] } as const;
const NO_HOSTS: ReadonlySet<string> = new Set();
const FROM_REFUSED: EdgeAnswer = { code: 'from-domain-not-covered', ...FORBIDDEN };
const CONTACT_REFUSED: EdgeAnswer = { code: 'contact-domain-not-covered', ...FORBIDDEN };

/**
 * Decides what becomes of a request at the edge: nothing to answer means that it may go inside.
 *
 * In order: syntax of all we act on; method; the domain in From, which the sender's certificate must cover; an OPTIONS that is for
 * the edge itself, answered here; event package; the domain in Contact of a subscription, in both directions, which it must cover
 * too. An ACK with any of these wrong is dropped by the caller, since no one answers an ACK.
 * CANCEL and ACK are never refused for their method: they belong to an INVITE that was.
 */
export function screenRequest(
  index: MessageIndex,
  method: string,
  sender: Sender,
  ownHosts: ReadonlySet<string> = NO_HOSTS,
): EdgeAnswer | undefined {
  const fault = checkRequest(index);
  if (fault !== undefined) return answerToFault(fault);
  const { partner, domains } = sender;
  if (!isMethodAllowed(partner.methods, method)) return methodRefused(partner);
  const domain = fromDomain(index);
  const ofEdge = answerToOptions(index, method, partner, ownHosts);
  const mayAsk =
    domain !== undefined && (domains.has(domain) || (ofEdge && isServer(domain, sender)));
  if (!mayAsk) return FROM_REFUSED;
  if (ofEdge !== undefined) return ofEdge;
  const eventPackage = eventPackageOf(index, method);
  if (eventPackage === undefined) return undefined;
  if (!partner.eventPackages.has(eventPackage)) return eventRefused(partner);
  if (method === 'PUBLISH') return undefined;
  return everyContactHost(index, (host) => isCovered(host, sender)) ? undefined : CONTACT_REFUSED;
}

/**
 * Answer to a `sips:` request that came without TLS: somebody on the way has broken its promise (RFC 5630 §5.3), or
 * undefined.
 */
export function sipsOverPlainTcp(index: MessageIndex): EdgeAnswer | undefined {
  if (!/^sips:/i.test(index.requestUri())) return undefined;
  return {
    code: 'sips-over-plain-tcp',
    status: 480,
    reasonPhrase: 'Temporarily Unavailable',
    // No Warning: it would name us.
    headers: [],
  };
}

/** CANCEL and ACK belong to an INVITE that was allowed. */
export function isMethodAllowed(methods: ReadonlySet<string>, method: string): boolean {
  return methods.has(method) || method === 'ACK' || method === 'CANCEL';
}

/**
 * The event package that a request is about; undefined for one that is about none.
 *
 * A missing Event is empty, which no agreement names: it is a bad event (RFC 6665 §7.2.1, §8.2.1). A template's package
 * counts whole.
 */
export function eventPackageOf(index: MessageIndex, method: string): string | undefined {
  if (method !== 'SUBSCRIBE' && method !== 'NOTIFY' && method !== 'PUBLISH') return undefined;
  const value = index.valueOf(Header.event) ?? '';
  const semicolon = value.indexOf(';');
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
}

/**
 * Whether a host in From is a server of the sender's, which asks in its own name whether we live, as session border controllers do.
 * What it asks goes no further, so `localhost`, in whose name Kamailio's dispatcher asks, is as good as an address.
 */
function isServer(host: string, sender: Sender): boolean {
  return host === 'localhost' || isCovered(host, sender);
}

/** An address claims no domain. A host below a covered domain is its owner's to name. */
function isCovered(host: string, { domains, hosts }: Sender): boolean {
  return hosts.has(host) || isAddress(host) || isWithinDomains(host, domains);
}

/** No top-level domain is a number, and brackets are for IPv6 alone (RFC 3261 §25.1, RFC 3696 §2). */
function isAddress(host: string): boolean {
  return host.startsWith('[') || /\.\d+$/.test(host);
}

/** Answer to a syntax fault (RFC 3261 §21.4); what follows a fatal one cannot be understood. */
export function answerToFault(fault: SipFault): EdgeAnswer {
  return { code: fault, ...statusOf(fault), headers: [] };
}

/** Answer to more than was agreed, or when there is nobody inside (RFC 3261 §21.5.4). */
export function unavailable(code: string, retryAfterS: number): EdgeAnswer {
  return {
    code,
    status: 503,
    reasonPhrase: 'Service Unavailable',
    headers: [`Retry-After: ${retryAfterS}`],
  };
}

/**
 * Answer to an OPTIONS that asks the edge itself what it can (RFC 3261 §11), or undefined.
 *
 * It asks us when its Request-URI names us and no user, or when its hops end here (§16.3 step 3). An IP address without a user
 * names us too, whatever stands before us: partners who look whether we live ask so, and to no address does anything go on.
 * Extensions that it demands of us get 420 (§8.2.2.3, §16.3 step 5): there are none that we know.
 */
function answerToOptions(
  index: MessageIndex,
  method: string,
  partner: Partner,
  ownHosts: ReadonlySet<string>,
): EdgeAnswer | undefined {
  if (method !== 'OPTIONS') return undefined;
  if (Number(index.valueOf(Header.maxForwards) ?? 70) > 0) {
    const uri = parseSipUri(index.requestUri());
    if (!uri.ok || uri.value.user !== undefined) return undefined;
    const { host } = uri.value;
    if (!ownHosts.has(host) && !isAddress(host)) return undefined;
  }
  const demanded = [
    ...optionTags(index, Header.proxyRequire),
    ...optionTags(index, Header.require),
  ];
  if (demanded.length > 0) return extensionsRefused(demanded);
  return {
    code: 'options',
    status: 200,
    reasonPhrase: 'OK',
    headers: [
      allowLine(partner),
      'Accept: text/plain, application/pidf+xml, application/sdp',
      'Accept-Encoding: identity',
      'Accept-Language: en',
      'Supported:',
      ...allowEventsLine(partner),
    ],
  };
}

function extensionsRefused(tags: readonly string[]): EdgeAnswer {
  return {
    code: 'options-requires-extension',
    status: 420,
    reasonPhrase: 'Bad Extension',
    headers: [`Unsupported: ${tags.join(', ')}`],
  };
}

function methodRefused(partner: Partner): EdgeAnswer {
  return {
    code: 'method-not-allowed',
    status: 405,
    reasonPhrase: 'Method Not Allowed',
    headers: [allowLine(partner)],
  };
}

function eventRefused(partner: Partner): EdgeAnswer {
  return {
    code: 'event-package-not-allowed',
    status: 489,
    reasonPhrase: 'Bad Event',
    headers: allowEventsLine(partner),
  };
}

function allowLine(partner: Partner): string {
  return `Allow: ${[...new Set([...partner.methods, 'ACK', 'CANCEL'])].join(', ')}`;
}

/** None where there is no package to name: the field cannot be empty (RFC 6665 §8.2.2). */
function allowEventsLine({ eventPackages }: Partner): readonly string[] {
  return eventPackages.size === 0 ? [] : [`Allow-Events: ${[...eventPackages].join(', ')}`];
}
