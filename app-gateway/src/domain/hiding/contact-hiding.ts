import { unescapedText } from '@sallyport/shared/sip/escapes.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import { formatNameAddr, type NameAddr, parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import type { Parameters } from '@sallyport/shared/sip/parameters.ts';
import { formatSipUri, parseSipUri, type SipUri } from '@sallyport/shared/sip/uri.ts';
import { isToken, type RouteTokens } from '../route-token.ts';
import type { OwnName } from '../signalling.ts';
import type { SiteView } from '../site-view.ts';
import { maskNamedCallId, unmaskCallId } from './call-id-masking.ts';
import { namesInside, tellsInside } from './inner-names.ts';
import { translatedUriHeaders } from './uri-headers.ts';

/** Whose Contact is hidden from whom, and how requests to it travel inside. */
export interface HidingContext {
  readonly site: SiteView;
  readonly tokens: RouteTokens;
  readonly partner: string;
  readonly community: string;
  /** Inner route set, in the order a request to the Contact travels it. */
  readonly routes: readonly string[];
}

/**
 * Replaces every URI of a Contact value that names an inner host by a token at the name the partner knows us by.
 *
 * An address of record in one of our own domains tells nothing and stays, as long as no inner route leads to it and no part of
 * it names an inner server. An entry that is no SIP or telephone URI, too long to hide, or one too many of a message is dropped: what we do not
 * understand does not leave. Undefined: none is left.
 */
export function hideContact(
  value: string,
  context: HidingContext,
  ownName: OwnName,
): string | undefined {
  if (value === '*') return value;
  return hideEntries(value, context, ownName, (uri) => isPublicName(uri, context));
}

/** The same for Refer-To, Referred-By, Reply-To and redirections, where a partner's own user is no secret of ours either. */
export function hideReference(
  value: string,
  context: HidingContext,
  ownName: OwnName,
): string | undefined {
  const { site } = context;
  return hideEntries(
    value,
    context,
    ownName,
    (uri) => isPublicName(uri, context) || isPartners(uri, site),
  );
}

/** Gives the inner URI back for one of our Contact tokens in a URI of a partner; Call-IDs in it lose their masks too. */
export function revealUri(text: string, partner: string, tokens: RouteTokens): string {
  const uri = parseSipUri(text);
  if (!uri.ok) return text;
  const { headers, ...bare } = uri.value;
  const named = isToken(bare.user) ? revealed(bare, partner, tokens) : undefined;
  if (named === undefined && headers === undefined) return text;
  const unmasked = translatedUriHeaders(headers, (id) => unmaskCallId(id, partner, tokens));
  return withHeaders(named ?? formatSipUri(bare), unmasked);
}

/** Whether a URI of a partner is one of our Contact tokens, which this partner was given. */
export function isGivenContact(text: string, partner: string, tokens: RouteTokens): boolean {
  const uri = parseSipUri(text);
  if (!uri.ok || !isToken(uri.value.user)) return false;
  return revealed(uri.value, partner, tokens) !== undefined;
}

/**
 * A URI of ours on a connection with that name.
 *
 * A `sip:` URI must name the transport, or RFC 3263 §4.1 sends its reader to UDP; and `sips:` would promise of plain TCP
 * what it does not keep (RFC 5630 §3.1).
 */
export function ownUri(
  scheme: 'sip' | 'sips',
  user: string,
  { hostPort, transport }: OwnName,
): string {
  if (scheme === 'sips' && transport === 'tls') return `sips:${user}@${hostPort}`;
  return `sip:${user}@${hostPort};transport=${transport}`;
}

function hideEntries(
  value: string,
  context: HidingContext,
  ownName: OwnName,
  stays: (uri: SipUri) => boolean,
): string | undefined {
  const hidden: string[] = [];
  for (const entry of splitList(value)) {
    const nameAddr = parseNameAddr(entry);
    if (!nameAddr.ok) continue;
    const uri = hideUri(nameAddr.value.uri, context, ownName, stays);
    if (uri !== undefined) hidden.push(formatNameAddr(shown(nameAddr.value, uri, context.site)));
  }
  return hidden.length === 0 ? undefined : hidden.join(', ');
}

/** With another URI, and without a display name and parameters that tell of the inside or of a device. */
function shown({ displayName, parameters }: NameAddr, uri: string, site: SiteView): NameAddr {
  const isNamed = displayName !== undefined && !tellsInside(displayName, site);
  return { uri, parameters: untelling(parameters, site), ...(isNamed && { displayName }) };
}

function untelling(parameters: Parameters, site: SiteView): Parameters {
  if (parameters.size === 0) return parameters;
  const kept = [...parameters].filter(
    ([name, value = '']) => !namesDevice(name) && !tellsInside(`${name}=${value}`, site),
  );
  return new Map(kept);
}

/**
 * Which telephone it is, for its registrar alone (RFC 5626 §4.1, §4.2): instance identifiers mostly hold its MAC address. `+u.` begins what a
 * maker has added (RFC 3840 §12.1); Cisco's tell its name and model.
 */
function namesDevice(parameter: string): boolean {
  return parameter === '+sip.instance' || parameter === 'reg-id' || parameter.startsWith('+u.');
}

function hideUri(
  text: string,
  context: HidingContext,
  ownName: OwnName,
  stays: (uri: SipUri) => boolean,
): string | undefined {
  const uri = parseSipUri(text);
  const { site, partner } = context;
  if (!uri.ok) return /^tel:/i.test(text) && !tellsInside(text, site) ? text : undefined;
  const { headers } = uri.value;
  const bare = headers === undefined ? uri.value : withoutHeaders(uri.value);
  // A Call-ID travels under the mask that the far end of the named host knows it by.
  const reader = site.partnerByDomain.get(bare.host)?.id ?? partner;
  const masked = translatedUriHeaders(headers, (id, behind) =>
    maskNamedCallId(id, behind, reader, context),
  );
  const bareText = headers === undefined ? text : formatSipUri(bare);
  if (stays(bare) && !namesInside(bareText, site)) return withHeaders(bareText, masked);
  const method = bare.parameters.get('method');
  const address = method === undefined ? bareText : formatSipUri(withoutMethod(bare));
  const hidden = sealedUri(bare.scheme, address, context, ownName);
  const isTold = method !== undefined && !tellsInside(method, site);
  return hidden && withHeaders(isTold ? withMethod(hidden, method) : hidden, masked);
}

/** Without the inner route set where the edge would refuse it as too long: within a dialog our Record-Route has that (§12.2). */
function sealedUri(
  scheme: SipUri['scheme'],
  value: string,
  { site, tokens, partner, community, routes }: HidingContext,
  ownName: OwnName,
): string | undefined {
  for (const remembered of routes.length === 0 ? [routes] : [routes, []]) {
    const state = { kind: 'contact', partner, community, value, routes: remembered } as const;
    const token = tokens.sealNamed(state);
    if (!token.ok) continue;
    const uri = ownUri(scheme, token.value, ownName);
    if (uri.length <= site.requestUriBytesMax) return uri;
  }
  return undefined;
}

/** An address of record, whose parameters name no host either. */
function isPublicName(uri: SipUri, { site, routes }: HidingContext): boolean {
  if (!site.ownDomains.has(uri.host) || uri.port !== undefined || routes.length > 0) return false;
  for (const [name, value = ''] of uri.parameters) {
    if (!TELLS_NOTHING.has(name) || (name === 'gr' && isInstance(value))) return false;
  }
  return true;
}

/** A URI of a partner's, unless it leads elsewhere. */
function isPartners({ host, parameters }: SipUri, site: SiteView): boolean {
  return site.partnerByDomain.has(host) && !parameters.has('maddr');
}

/** A public GRUU holds the identifier of the telephone (RFC 5627 §3.1.1). */
function isInstance(gr: string): boolean {
  return /^urn:/i.test(unescapedText(gr));
}

const TELLS_NOTHING: ReadonlySet<string> = new Set(['gr', 'transport', 'user', 'method', 'ob']);

function revealed(uri: SipUri, partner: string, tokens: RouteTokens): string | undefined {
  const opened = tokens.open(uri.user ?? '');
  if (!opened.ok || opened.value.kind !== 'contact') return undefined;
  if (opened.value.partner !== partner) return undefined;
  return withMethod(opened.value.value, uri.parameters.get('method'));
}

/** What to ask of a place is no part of where it is, and stands in no Request-URI (RFC 3261 §19.1.1, RFC 3515 §2.1). */
function withoutMethod(uri: SipUri): SipUri {
  const parameters = new Map(uri.parameters);
  parameters.delete('method');
  return { ...uri, parameters };
}

function withMethod(uri: string, method: string | undefined): string {
  return method === undefined ? uri : `${uri};method=${method}`;
}

function withoutHeaders({ headers: _, ...bare }: SipUri): SipUri {
  return bare;
}

function withHeaders(uri: string, headers: string | undefined): string {
  return headers === undefined ? uri : `${uri}?${headers}`;
}
