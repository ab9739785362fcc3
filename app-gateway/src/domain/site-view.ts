import type { OwnName } from './signalling.ts';

/** One inner SIP server. */
export interface CommunityHost {
  readonly host: string;
  readonly port: number;
  /** Name that its certificate shows, where that is not `host`. */
  readonly serverName?: string | undefined;
}

/** A group of inner SIP servers that serve some of our domains. */
export interface Community {
  readonly id: string;
  readonly domains: readonly string[];
  readonly hosts: readonly CommunityHost[];
}

/** A federated company, as the routing core needs to know it. */
export interface Partner {
  readonly id: string;
  readonly domains: readonly string[];
  readonly methods: ReadonlySet<string>;
  /** Whose values its Resource-Priority may have inside, in lower case. */
  readonly priorityNamespaces: ReadonlySet<string>;
  /**
   * When requests may go back over a connection that the partner opened: only with `;alias` in its Via
   * (RFC 5923 §8), or always, for partners that cannot be dialled.
   */
  readonly connectionReuse: 'alias' | 'always';
  /** Its share of each proxy's host, which that keeps. */
  readonly messagesPerSecond: number;
  readonly messagesBurst: number;
  /** How connections to it are made. */
  readonly transport: OwnName['transport'];
}

/** All that the routing core knows of the site; one immutable value, replaced whole on reload. */
export interface SiteView {
  /** `host:port` of every name that partners know us by, IPv6 in brackets. */
  readonly outsideNames: ReadonlySet<string>;
  /** Their hosts. */
  readonly outsideHosts: ReadonlySet<string>;
  /** How inner servers know this gateway. */
  readonly innerName: OwnName;
  /** Its host, IPv6 in brackets. */
  readonly innerHost: string;
  /** `host:port` of all our gateways: a dialog begun at one goes on at another. */
  readonly innerNames: ReadonlySet<string>;
  /** Where our gateways listen for inner servers, without port; none that means every address. */
  readonly innerAddresses: ReadonlySet<string>;
  readonly ownDomains: ReadonlySet<string>;
  readonly communityByDomain: ReadonlyMap<string, Community>;
  readonly communityById: ReadonlyMap<string, Community>;
  readonly partnerByDomain: ReadonlyMap<string, Partner>;
  readonly partnerById: ReadonlyMap<string, Partner>;
  /** The longest Request-URI that the edge takes: what partners shall send requests to is no longer. */
  readonly requestUriBytesMax: number;
}
