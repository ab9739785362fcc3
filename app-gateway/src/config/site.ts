import type { TrustSetSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import type { PartnerFile } from './partner-schema.ts';
import type { SiteProblem } from './site-problem.ts';
import type { SiteFile } from './site-schema.ts';

/** A certificate chain of ours with its private key, as PEM. */
export interface OwnCertificate {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** What we show to partners that ask for one of the server names. */
export interface OwnIdentity extends OwnCertificate {
  /** `main`; a next key that some partners are shown ahead of time stands beside it as `main-k2`, without server names. */
  readonly name: string;
  readonly serverNames: readonly string[];
  /** `<identity>/<key id>`, where keys have ids: what sightings of this key are recorded under. */
  readonly keyName?: string;
}

/** A dmz-proxy of the site. */
export type ProxyNode = Frozen<SiteFile['proxies'][number]>;

/** An app-gateway of the site. */
export type GatewayNode = Frozen<SiteFile['gateways'][number]>;

/** What one edge process bears before it refuses. */
export type SiteLimits = Frozen<SiteFile['limits']>;

/** A group of inner SIP servers that serve some of our domains. */
export interface SiteCommunity
  extends Frozen<Omit<SiteFile['communities'][number], 'ca' | 'identity'>> {
  /** Authorities whose certificates these servers show, PEM. */
  readonly caPem: string;
  /** What we show to these servers. */
  readonly identity: OwnCertificate;
}

/** A place that gets the audit ledger. */
export interface SiteSiem extends Frozen<Omit<SiteFile['siem'][number], 'ca' | 'identity'>> {
  /** Authorities of its certificate, PEM. */
  readonly caPem: string;
  readonly identity?: OwnCertificate;
}

/** A federated company with everything its files, or the database, say. */
export interface SitePartner
  extends Frozen<
    Omit<PartnerFile, 'enabled' | 'trustSets' | 'severed' | 'isShortForm' | 'ownIdentity'>
  > {
  /** At least one: who has none is not let in, and not listed. */
  readonly trustSets: readonly TrustSetSnapshot[];
  readonly ownIdentity: string;
}

/**
 * A whole site as one frozen value, PEM texts included: what a gateway works with until a reload replaces it.
 *
 * It holds private keys, so it is never logged and never sent anywhere as it is.
 */
export interface Site
  extends Frozen<
    Omit<
      SiteFile,
      'identities' | 'communities' | 'proxies' | 'gateways' | 'limits' | 'siem' | 'severedPartners'
    >
  > {
  readonly identities: readonly OwnIdentity[];
  readonly proxies: readonly ProxyNode[];
  readonly gateways: readonly GatewayNode[];
  readonly communities: readonly SiteCommunity[];
  readonly limits: SiteLimits;
  readonly siem: readonly SiteSiem[];
  /** Authorities of the database server’s certificate; empty where the file names none. */
  readonly databaseCaPem: string;
  /** Enabled ones only, and not severed. */
  readonly partners: readonly SitePartner[];
  /** Ids of partners that were cut off, by whatever says so. */
  readonly severed: readonly string[];
  /** Milliseconds of the newest change of the files or the database: rises with every one, on every node alike. */
  readonly version: number;
  /** Files with secrets that every user of this host can read. */
  readonly openFiles: readonly string[];
  /** What is doubtful but no reason to refuse the site. */
  readonly warnings: readonly SiteProblem[];
}

type Frozen<T> = T extends (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;
