import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { placeOf } from '../config/public-places.ts';
import type { ProxyNode, Site } from '../config/site.ts';
import type { OwnName } from './signalling.ts';

/** What of a site says how partners know us. */
export type NamedSite = Pick<Site, 'public'> & {
  readonly proxies: readonly Pick<ProxyNode, 'node' | 'listen'>[];
};

type Transport = OwnName['transport'];

/** What a proxy says of the listener that a connection came through. */
export interface Arrival {
  /** `host:port` that the listener advertises. */
  readonly advertised?: string;
  /** TLS where it says nothing. */
  readonly transport?: Transport;
}

/**
 * Every name by which partners know us: the site's public one, and what single listeners advertise.
 *
 * A connection has the name of the listener it came through. One that we opened has that of its proxy's first listener
 * for the same transport, for there the partner's own requests will come.
 */
export class OwnNames {
  /** `host:port`, IPv6 in brackets. */
  readonly all: ReadonlySet<string>;
  readonly #site: NamedSite;
  readonly #byNode = new Map<string, Readonly<Record<Transport, OwnName>>>();
  readonly #byHostPort = { tls: new Map<string, OwnName>(), tcp: new Map<string, OwnName>() };

  constructor(site: NamedSite) {
    this.#site = site;
    this.#take(publicName(site));
    for (const { node, listen } of site.proxies) {
      this.#byNode.set(node, { tls: this.#first(listen, 'tls'), tcp: this.#first(listen, 'tcp') });
      for (const listener of listen) this.#take(nameOf(site, listener));
    }
    const { tls, tcp } = this.#byHostPort;
    this.all = new Set([...tls.keys(), ...tcp.keys()]);
  }

  /** Of a connection that came to a node; a name that is not in the site's files is not believed. */
  ofArrival(node: string, { advertised, transport = 'tls' }: Arrival): OwnName {
    const named =
      advertised === undefined ? undefined : this.#byHostPort[transport].get(advertised);
    return named ?? this.ofNode(node, transport);
  }

  /** Of a connection that a node opens. */
  ofNode(node: string, transport: Transport): OwnName {
    return this.#byNode.get(node)?.[transport] ?? this.#first([], transport);
  }

  #first(listen: ProxyNode['listen'], transport: Transport): OwnName {
    const first = listen.find((listener) => listener.transport === transport);
    if (first !== undefined) return nameOf(this.#site, first);
    return transport === 'tls'
      ? publicName(this.#site)
      : { hostPort: hostPort(this.#site.public.host, PLAIN_PORT), transport };
  }

  #take(name: OwnName): void {
    this.#byHostPort[name.transport].set(name.hostPort, name);
  }
}

/** RFC 3261 §19.1.2. */
const PLAIN_PORT = 5060;

/** The host of a `host:port`. */
export function hostOf(name: string): string {
  return name.slice(0, name.lastIndexOf(':'));
}

function publicName(site: NamedSite): OwnName {
  return { hostPort: hostPort(site.public.host, site.public.port), transport: 'tls' };
}

function nameOf(site: NamedSite, listen: ProxyNode['listen'][number]): OwnName {
  const { host, port, transport } = placeOf(site, listen);
  return { hostPort: hostPort(host, port), transport };
}
