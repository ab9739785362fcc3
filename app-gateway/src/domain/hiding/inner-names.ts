import { unescapedText } from '@sallyport/shared/sip/escapes.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { CommunityHost, SiteView } from '../site-view.ts';

/**
 * Whether a text names an inner server or one of our gateways by its inner name; a name below one counts too, and so does one
 * with escapes, as URIs within URIs have them (RFC 3261 §19.1.2): `%40chat%2einner.example`.
 *
 * Known are the names in the site's files. Absent on purpose: those that partners know anyway, and names of one word,
 * which any text may hold by chance.
 */
export function namesInside(text: string, site: SiteView): boolean {
  let pattern = PATTERNS.get(site);
  if (pattern === undefined) {
    pattern = patternOf(site);
    PATTERNS.set(site, pattern);
  }
  if (pattern.test(text)) return true;
  // Twice: a URI may stand in the headers of a URI in the headers of another.
  return text.includes('%') && pattern.test(unescapedText(unescapedText(text)));
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

/** Made once per site. */
const PATTERNS = new WeakMap<SiteView, RegExp>();
const NOTHING = /(?!)/;

function patternOf(site: SiteView): RegExp {
  const names = innerNames(site).map((name) => name.replace(/[^a-z0-9-]/gi, String.raw`\$&`));
  if (names.length === 0) return NOTHING;
  return new RegExp(`(?<![a-z0-9-])(?:${names.join('|')})(?!\\.?[a-z0-9-])`, 'i');
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
  return site.outsideHosts.has(host) || site.ownDomains.has(host) || site.partnerByDomain.has(host);
}
