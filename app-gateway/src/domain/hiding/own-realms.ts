import { isWithinDomains } from '@sallyport/shared/net/within-domains.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { SiteView } from '../site-view.ts';
import { namesInside } from './inner-names.ts';

/** Fields that ask for a password (RFC 3261 §20.27, §20.44). */
const CHALLENGES: ReadonlySet<string> = new Set(['www-authenticate', 'proxy-authenticate']);
/** Fields that show that somebody has it (§20.7, §20.28). */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization']);

/** The names of both, in lower case. */
export const OF_DIGEST: readonly string[] = [...CHALLENGES, ...CREDENTIALS];

const REALM = /(?<![\w-])realm[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

/**
 * Whether a field of that name, in lower case, asks for passwords of ours: clients answer a challenge in the realm that they are registered in by
 * themselves, and who chose the nonce can try passwords against the answer, or have it accepted inside.
 */
export function asksForOurs(
  name: string,
  index: MessageIndex,
  line: number,
  site: SiteView,
): boolean {
  return CHALLENGES.has(name) && isOfOurs(index.value(line), site);
}

/** Whether a field of that name has what a client of ours shows its own servers: a partner could try passwords against it. */
export function showsOurs(
  name: string,
  index: MessageIndex,
  line: number,
  site: SiteView,
): boolean {
  return CREDENTIALS.has(name) && isOfOurs(index.value(line), site);
}

/** A realm that is a domain of ours, a name below one or by which partners know us, or that of a server inside. */
function isOfOurs(value: string, site: SiteView): boolean {
  for (const [, quoted, bare = ''] of value.matchAll(REALM)) {
    const realm = (quoted?.replace(/\\(.)/g, '$1') ?? bare).trim().toLowerCase();
    if (isWithinDomains(realm, site.ownDomains) || site.outsideHosts.has(realm)) return true;
    if (namesInside(realm, site)) return true;
  }
  return false;
}
