import { splitList } from '@sallyport/shared/sip/list.ts';
import { formatNameAddr, parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import { isToken, type RouteTokens } from '../route-token.ts';
import type { SiteView } from '../site-view.ts';

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
 * Replaces every URI of a Contact value that names an inner host by a token at our public name.
 *
 * An address of record in one of our own domains tells nothing and stays. A value that does not parse is
 * dropped, as undefined: what we do not understand does not leave.
 */
export function hideContact(value: string, context: HidingContext): string | undefined {
  if (value === '*') return value;
  const hidden: string[] = [];
  for (const entry of splitList(value)) {
    const nameAddr = parseNameAddr(entry);
    if (!nameAddr.ok) return undefined;
    const uri = hideUri(nameAddr.value.uri, context);
    if (uri === undefined) return undefined;
    hidden.push(formatNameAddr({ ...nameAddr.value, uri }));
  }
  return hidden.join(', ');
}

function hideUri(text: string, context: HidingContext): string | undefined {
  const uri = parseSipUri(text);
  if (!uri.ok) return undefined;
  const { site } = context;
  if (site.ownDomains.has(uri.value.host) && uri.value.port === undefined) return text;
  const token = context.tokens.seal({
    kind: 'contact',
    partner: context.partner,
    community: context.community,
    value: text,
    routes: context.routes,
  });
  return `${uri.value.scheme}:${token}@${publicHostPort(site)}${transportParameter(uri.value.scheme)}`;
}

/** Gives the inner URI back for one of our Contact tokens in a URI of a partner; else the URI itself. */
export function revealUri(text: string, partner: string, tokens: RouteTokens): string {
  const uri = parseSipUri(text);
  if (!uri.ok || !isToken(uri.value.user)) return text;
  const opened = tokens.open(uri.value.user ?? '');
  if (!opened.ok || opened.value.kind !== 'contact' || opened.value.partner !== partner)
    return text;
  return opened.value.value + (uri.value.headers === undefined ? '' : `?${uri.value.headers}`);
}

export function publicHostPort(site: SiteView): string {
  return `${site.publicHost}:${site.publicPort}`;
}

/** We only speak TLS: a `sip:` URI must say so, or RFC 3263 §4.1 sends its reader to UDP. */
export function transportParameter(scheme: 'sip' | 'sips'): string {
  return scheme === 'sips' ? '' : ';transport=tls';
}
