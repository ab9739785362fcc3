/** Where a host can stand, from the outside to the inside. */
export type ZoneName = 'internet' | 'outer-dmz' | 'dmz' | 'inner-dmz' | 'intranet';

/** A zone of the site and the address ranges that are its own; the internet is what no zone holds. */
export interface PlanZone {
  readonly name: ZoneName;
  readonly networks: readonly string[];
}

/** What a host is there for. */
export type HostRole =
  | 'proxy'
  | 'gateway'
  | 'balancer'
  | 'community'
  | 'database'
  | 'siem'
  | 'nameserver'
  | 'time-server'
  | 'directory'
  | 'service';

/** A machine that has a part in the site. */
export interface PlanHost {
  readonly name: string;
  readonly zone: ZoneName;
  readonly roles: readonly HostRole[];
  readonly addresses: readonly string[];
  /** Our programs on it. */
  readonly nodes: readonly string[];
}

/** TCP or UDP, as packet filters tell them apart. */
export type Protocol = 'tcp' | 'udp';

/** A place where a host of the site listens, loopback included. */
export interface PlanSocket {
  readonly host: string;
  readonly address: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly purpose: string;
}

/** One side of a flow: a host, or networks of a zone. Addresses stand as networks of one, in the form `192.0.2.1`. */
export interface FlowEnd {
  readonly zone: ZoneName;
  /** Absent: whoever has an address of these networks. */
  readonly host?: string;
  /** For the internet `0.0.0.0/0` and `::/0`: every address that is of no zone of the site. */
  readonly networks: readonly string[];
}

/**
 * What a flow is for, as a program asks it; `purpose` says the same to people.
 *
 * The one list of kinds: the schema with which a plan is read is made of it.
 */
export const FLOW_KINDS = [
  /** Partners connect to us with SIP over TLS. */
  'partners',
  /** Partners connect to us with plain SIP over TCP. */
  'partners-plain',
  /** We connect to partners. */
  'to-partners',
  /** A balancer sends connections on to a proxy, and looks whether it takes them. */
  'balancer',
  /** A balancer asks a proxy for its health. */
  'health',
  'channel',
  /** SIP between gateways and the servers inside. */
  'signalling-inside',
  'database',
  'directory',
  'siem',
  'dns',
  'time',
  'administration',
  'monitoring',
  /** Web servers that our hosts use, such as those of revocation lists or packages. */
  'web',
  /** What else the site file lists under `network.services`. */
  'service',
] as const;

/** One of them. */
export type FlowKind = (typeof FLOW_KINDS)[number];

/** A conversation that the site needs: who opens it, to whom, and why. What no flow allows is forbidden. */
export interface PlanFlow {
  /** The same for the same conversation whatever else changes, such as `partners>edge-a:tcp/5061`. */
  readonly id: string;
  readonly kind: FlowKind;
  readonly purpose: string;
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  readonly protocol: Protocol;
  readonly ports: { readonly first: number; readonly last: number };
  /** New connections a second from one address; absent: no limit. */
  readonly newPerSourcePerSecond?: number;
  /** What the packets are addressed to before the outermost firewall translates them. */
  readonly nat?: { readonly address: string; readonly port: number };
  /** Balancer through which it comes: the host must accept it, and no firewall lets it through as it is. */
  readonly via?: string;
  /** Stands for days: nothing on the path may end it for being idle. */
  readonly isLongLived: boolean;
}

/** A flow that passes a firewall, and which of its legs it passes. */
export interface Crossing {
  readonly flowId: string;
  readonly from: ZoneName;
  readonly to: ZoneName;
}

/** A packet filter between zones. */
export interface PlanFirewall {
  readonly name: string;
  readonly joins: readonly ZoneName[];
  readonly interfaces: Readonly<Partial<Record<ZoneName, string>>>;
  readonly crossings: readonly Crossing[];
}

/** A host in front of the proxies that shares connections among them. */
export interface PlanBalancer {
  readonly host: string;
  readonly kind: 'haproxy' | 'keepalived' | 'nftables' | 'other';
  readonly mode: 'proxy-protocol' | 'pass-through';
  readonly listen: { readonly address: string; readonly port: number };
  readonly targets: readonly {
    readonly host: string;
    readonly address: string;
    readonly port: number;
    /** Absent: the proxy answers about its health on loopback only. */
    readonly health?: { readonly address: string; readonly port: number };
  }[];
}

/** The form of `matrix.json`; it counts up when an older program would misread it. */
export const PLAN_FORMAT = 'sallyport-network-plan-2';

/** Which networks a site stands in, and everything that may pass between them. All documents are drawn from it. */
export interface NetworkPlan {
  readonly format: typeof PLAN_FORMAT;
  readonly site: string;
  readonly layout: 'dual-dmz' | 'single-dmz' | 'standalone';
  /** From the outside to the inside, the internet first. */
  readonly zones: readonly PlanZone[];
  readonly hosts: readonly PlanHost[];
  readonly sockets: readonly PlanSocket[];
  readonly flows: readonly PlanFlow[];
  readonly firewalls: readonly PlanFirewall[];
  readonly balancers: readonly PlanBalancer[];
}
