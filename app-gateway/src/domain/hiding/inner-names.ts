import { unescapedText } from '@sallyport/shared/sip/escapes.ts';
import { comparableAddress } from '@sallyport/shared/sip/ip-address.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { CommunityHost, SiteView } from '../site-view.ts';
import { hasPrivateAddress } from './private-addresses.ts';

/**
 * Whether a text names an inner server or one of our gateways by its inner name; a name below one counts too, and so does one
 * with escapes, as URIs within URIs have them (RFC 3261 §19.1.2): `%40chat%2einner.example`. An address counts in every
 * spelling of it (RFC 5118 §4.5): `FD00:0::1` is `fd00::1`, and `::ffff:a01:203` is `10.1.2.3`.
 *
 * Known are the names in the site's files. Absent on purpose: those that partners know anyway, and names of one word,
 * which any text may hold by chance.
 */
export function namesInside(text: string, site: SiteView): boolean {
  const inside = knownInside(site);
  return isNamedIn(text, inside) || (text.includes('%') && isNamedIn(wholly(text), inside));
}

/**
 * The same, and whether an address of a private network stands there: of a telephone, say, that no file of the site knows.
 *
 * Not for where a message is to go: a partner may be reached in such a network.
 */
export function tellsInside(text: string, site: SiteView): boolean {
  if (namesInside(text, site)) return true;
  const { published } = knownInside(site);
  if (hasPrivateAddress(text, published)) return true;
  return text.includes('%') && hasPrivateAddress(wholly(text), published);
}

/** Without escapes. Twice: a URI may stand in the headers of a URI in the headers of another. */
function wholly(text: string): string {
  return unescapedText(unescapedText(text));
}

function knownInside(site: SiteView): Inside {
  let inside = INSIDE.get(site);
  if (inside === undefined) {
    inside = insideOf(site);
    INSIDE.set(site, inside);
  }
  return inside;
}

/** Whether there is a dot, a colon or an escape between these bytes of a message: without one nothing inside is named. */
export function hasNameByte({ bytes }: MessageIndex, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === DOT || byte === COLON || byte === PERCENT) return true;
  }
  return false;
}

const DOT = 0x2e;
const COLON = 0x3a;
const PERCENT = 0x25;

/** What names the inside of a site. */
interface Inside {
  /** Names, and IPv6 addresses as the site's files have them. */
  readonly pattern: RegExp;
  /** Addresses, comparable. */
  readonly addresses: ReadonlySet<string>;
  /** Addresses by which partners know us, comparable. */
  readonly published: ReadonlySet<string>;
}

/** Made once per site. */
const INSIDE = new WeakMap<SiteView, Inside>();
const NUMBER = '0{0,2}(?:[1-9][0-9]{0,2}|0)';
/** What looks like an IPv4 address: one pattern for however many there are inside. There may be zeros in front of its numbers. */
const IPV4 = String.raw`(?<!\d)(?:${NUMBER}\.){3}${NUMBER}(?!\.?\d)`;
const ANY_IPV4 = new RegExp(IPV4);
const EACH_IPV4 = new RegExp(IPV4, 'g');
/**
 * Where an IPv6 address may begin, and what looks like one there: up to seven groups with a colon each, and a last one, an
 * IPv4 address or nothing. It begins behind a colon too: a word may stand before that, which may look like a group.
 */
const IPV6 =
  /(?<![0-9a-z])(?=((?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4}|(?<=::)(?!:))(?![0-9a-z])))/gi;
/** Twice the groups of the longest fingerprint; a text where more of them may begin is taken to name the inside, unread. */
const LOOKS_MAX = 128;

function isNamedIn(text: string, { pattern, addresses }: Inside): boolean {
  if (pattern.test(text)) return true;
  if (addresses.size === 0) return false;
  return hasIpv4(text, addresses) || hasIpv6(text, addresses);
}

function hasIpv4(text: string, addresses: Inside['addresses']): boolean {
  if (!ANY_IPV4.test(text)) return false;
  for (const [found] of text.matchAll(EACH_IPV4)) {
    if (addresses.has(found.split('.').map(Number).join('.'))) return true;
  }
  return false;
}

function hasIpv6(text: string, addresses: Inside['addresses']): boolean {
  if (!hasTwoColons(text)) return false;
  let looks = 0;
  for (const [, found = ''] of text.matchAll(IPV6)) {
    if (++looks > LOOKS_MAX) return true;
    if (addresses.has(comparableAddress(found) ?? '')) return true;
    // Some write a port behind it without brackets.
    if (addresses.has(comparableAddress(found.replace(/:\d+$/, '')) ?? '')) return true;
  }
  return false;
}

function hasTwoColons(text: string): boolean {
  const first = text.indexOf(':');
  return first >= 0 && text.indexOf(':', first + 1) > 0;
}

function insideOf(site: SiteView): Inside {
  const names = innerNames(site);
  const addresses = new Set(names.flatMap((name) => comparableAddress(name) ?? []));
  const inWords = names.filter((name) => !isIpv4(name)).map(escaped);
  return {
    pattern: new RegExp(inWords.length === 0 ? NOTHING : namedIn(inWords), 'i'),
    addresses,
    published: new Set([...site.outsideHosts].flatMap((host) => comparableAddress(host) ?? [])),
  };
}

/**
 * Where a name does not go on to be another: Asterisk writes `SIP/chat.inner.example-0000001a` for a channel, and
 * `chat.inner.example-corp.example` is somebody else.
 */
const ENDS_NAME = String.raw`(?!\.?[a-z0-9]|-[a-z0-9-]*\.[a-z0-9])`;

const NOTHING = '(?!)';

function namedIn(words: readonly string[]): string {
  return `(?<![a-z0-9-])(?:${words.join('|')})${ENDS_NAME}`;
}

function isIpv4(name: string): boolean {
  return comparableAddress(name)?.includes('.') === true;
}

function escaped(name: string): string {
  return name.replace(/[^a-z0-9-]/gi, String.raw`\$&`);
}

function innerNames(site: SiteView): string[] {
  const communities = [...site.communityById.values()];
  const hosts = [
    ...communities.flatMap(({ hosts: all }) => all.flatMap(namesOf)),
    ...site.innerAddresses,
    ...[...site.innerNames].map((name) => name.slice(0, name.lastIndexOf(':'))),
    site.innerHost,
  ].map((host) => host.toLowerCase().replace(/^\[|\]$/g, ''));
  return [...new Set(hosts)].filter((host) => /[.:]/.test(host) && !isPublic(host, site));
}

function namesOf({ host, serverName }: CommunityHost): string[] {
  return serverName === undefined ? [host] : [host, serverName];
}

function isPublic(host: string, site: SiteView): boolean {
  if (site.ownDomains.has(host) || site.partnerByDomain.has(host)) return true;
  const address = comparableAddress(host);
  if (address === undefined) return site.outsideHosts.has(host);
  return [...site.outsideHosts].some((outside) => comparableAddress(outside) === address);
}
