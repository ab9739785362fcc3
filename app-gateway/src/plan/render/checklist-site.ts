/** What the checklist must know of a site besides its network. */
export interface ChecklistSite {
  readonly domains: readonly string[];
  /** Where partners are told to connect to, and which addresses are behind it. */
  readonly places: readonly ToldPlace[];
  /** Which of the nodes are proxies; the others are gateways. */
  readonly proxies: readonly string[];
  /** Whether proxies' bundles hold their channel keys already. */
  readonly withKeys: boolean;
  /** Hosts whose kernel must let our programs have a port below 1024. */
  readonly lowPortHosts: readonly string[];
  /** Whether what happens is put on record. */
  readonly hasLedger: boolean;
  /** Names on the database server; absent where there is none. */
  readonly database?: { readonly database: string; readonly user: string };
  /** What one proxy takes at once (`limits` of the site file). */
  readonly connectionsMax: number;
}

/** A name and port of ours as partners know it. */
export interface ToldPlace {
  readonly host: string;
  readonly port: number;
  readonly transport: 'tls' | 'tcp';
  readonly addresses: readonly string[];
}
