import type { LocateSubject } from '@sallyport/shared/net/locate.ts';
import type { SipUri } from '@sallyport/shared/sip/uri.ts';
import type { EdgeConfig } from '../bundle/edge-config.ts';
import type { GatewayLink } from '../flows/gateway-link.ts';
import type { OwnIdentity } from '../identity/own-identities.ts';
import type { Partner } from '../identity/partner.ts';
import type { Presence } from './presence.ts';

/** A request on its way to the partner. */
export interface Errand {
  readonly link: GatewayLink;
  readonly exchange: number;
  readonly partner: Partner;
  readonly uri: SipUri;
  readonly avoid: readonly string[];
  readonly config: EdgeConfig;
  /** What we show; nothing over plain TCP. */
  readonly identity: OwnIdentity | undefined;
  /** Of that partner, ended when it is gone. */
  readonly presence: Presence;
}

/**
 * The names of which the certificate must show one.
 *
 * Where the operator has named the endpoints, a next hop inside the partner's network (a Record-Route host, say) is
 * reached through them, and any domain of the partner proves who that is.
 */
export function namesAskedFor(errand: Errand): readonly string[] {
  const { partner, uri } = errand;
  return isBehindEndpoints(errand) ? [uri.host, ...partner.domains] : [uri.host];
}

/**
 * Whether it goes to a next hop inside the partner's network, by the endpoints that the operator has named.
 *
 * There are as many of these as a partner has telephones, for each may name its own host and port in Contact; the places are the same for all.
 */
export function isBehindEndpoints({ partner, uri }: Errand): boolean {
  return partner.settings.endpoints.length > 0 && !partner.domains.has(uri.host);
}

/** What a connection to the endpoints may be used for, once it has proven a domain of the partner: any next hop behind them. */
export function endpointsKey({ partner, identity }: Errand): string {
  // No host is called so.
  return hopKey(partner, identity?.name, '*');
}

/** What a connection may be used for: see the pool. */
export function poolKey({ partner, identity, uri }: Errand): string {
  const hop = uri.port === undefined ? uri.host : `${uri.host}:${uri.port}`;
  return hopKey(partner, identity?.name, hop);
}

/** Where to look: the agreed endpoints, or what the URI says. DNS never leads to plain TCP. */
export function placesOf({ partner, uri, identity }: Errand): {
  readonly isAgreed: boolean;
  readonly subjects: readonly LocateSubject[];
} {
  const { endpoints } = partner.settings;
  if (endpoints.length > 0 || identity === undefined) {
    const subjects = endpoints.map(({ host, port }) => ({ scheme: 'sips' as const, host, port }));
    return { isAgreed: true, subjects };
  }
  const { scheme, host, port, parameters } = uri;
  const transport = parameters.get('transport');
  const subject: LocateSubject = {
    scheme,
    host,
    ...(port === undefined ? {} : { port }),
    ...(transport === undefined ? {} : { transport }),
  };
  return { isAgreed: false, subjects: [subject] };
}

/** The same for a next hop that was proven; over plain TCP nothing of ours is shown, and no identity is called so. */
export function hopKey(partner: Partner, ownIdentity: string | undefined, nextHop: string): string {
  return `${partner.id} ${ownIdentity ?? ''} ${nextHop}`;
}
