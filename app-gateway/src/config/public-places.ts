import { isIP } from 'node:net';
import type { ProxyNode, Site } from './site.ts';

/** Where partners are told to connect to. */
export interface PublicPlace {
  readonly host: string;
  readonly port: number;
  readonly transport: 'tls' | 'tcp';
}

type Listen = Pick<ProxyNode['listen'][number], 'port' | 'transport' | 'advertise' | 'nat'>;

/** What of a site says where partners find it. */
export interface PlacedSite {
  readonly public: Site['public'];
  readonly proxies: readonly { readonly listen: readonly Listen[] }[];
}

/** RFC 3261 §19.1.2. */
const PLAIN_PORT = 5060;

/**
 * Every place that partners may be told of, each once, TLS first: the site's public one as long as a listener goes by
 * it, and what single listeners advertise.
 */
export function publicPlaces(site: PlacedSite): readonly PublicPlace[] {
  const listeners = site.proxies.flatMap(({ listen }) => listen);
  const own = listeners.filter(({ advertise }) => advertise !== undefined);
  const others = listeners.filter(({ advertise }) => advertise === undefined);
  const places = [...others, ...own].map((listen) => placeOf(site, listen));
  const sorted = [
    ...places.filter(({ transport }) => transport === 'tls'),
    ...places.filter(({ transport }) => transport === 'tcp'),
  ];
  const keyOf = ({ host, port, transport }: PublicPlace) => `${transport} ${host} ${port}`;
  return [...new Map(sorted.map((place) => [keyOf(place), place])).values()];
}

/** Names that partners dial for TLS, and so want to see in a certificate of ours; addresses are no names. */
export function publicNames(site: PlacedSite): readonly string[] {
  const hosts = publicPlaces(site).flatMap(({ host, transport }) =>
    transport === 'tls' && isIP(host) === 0 ? [host] : [],
  );
  return [...new Set(hosts)];
}

/** How partners reach one listener. The public port leads to TLS: plain TCP is known by its own, before translation. */
export function placeOf(
  { public: shown }: Pick<PlacedSite, 'public'>,
  listen: Listen,
): PublicPlace {
  const { advertise, transport, port, nat } = listen;
  if (advertise !== undefined) return { ...advertise, transport };
  if (transport === 'tls') return { host: shown.host, port: shown.port, transport };
  return { host: shown.host, port: (nat?.port ?? port) || PLAIN_PORT, transport };
}
