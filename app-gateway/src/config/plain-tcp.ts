import type { OwnName } from '../ports/signalling.ts';
import type { SitePartner } from './site.ts';

/** What of a partner says whether it is reached without TLS. */
export type PlainPartner = Pick<SitePartner, 'plainTcp' | 'endpoints' | 'trustSets'>;

/**
 * How a connection to a partner is made: by plain TCP where its endpoints say so, and where it has no key of any kind.
 *
 * DNS never leads there. A partner with keys and without such endpoints gets TLS, whatever it does itself.
 */
export function transportTo({
  plainTcp,
  endpoints,
  trustSets,
}: PlainPartner): OwnName['transport'] {
  if (!plainTcp) return 'tls';
  return trustSets.length === 0 || endpoints.some(({ transport }) => transport === 'tcp')
    ? 'tcp'
    : 'tls';
}
