import type { RenewalRefusal } from '@sallyport/shared/channel/certificate-renewal.ts';
import type { ProbeRefusal, ProbeStep } from '@sallyport/shared/channel/probe.ts';
import type { Result } from '@sallyport/shared/result.ts';
import type { Site } from '../config/site.ts';
import type { Author } from '../domain/exchange/change-event.ts';
import type { ChannelAuthorities } from '../domain/exchange/forecast/forecast-held.ts';
import type { BodyDesk } from '../ledger/bodies/body-desk.ts';
import type { HoldDesk } from '../ledger/hold-desk.ts';
import type { RebuildDesk } from '../ledger/search-rebuild.ts';
import type { LedgerKeys } from '../ledger/verify/pack-format.ts';
import type { IssuedCertificate } from '../ports/channel-authority.ts';
import type { LedgerReader } from '../ports/ledger-reader.ts';
import type { StateArchive } from '../ports/state-archive.ts';
import type { State, StateChange, StateStore } from '../ports/state-store.ts';
import type { CommandRefusal } from './command-refusal.ts';

/** What a command works with; everything that knows the time or the world comes through here. */
export interface CommandContext {
  readonly store: StateStore;
  /** The site as the files say it, without partners and identities of the database. */
  readonly site: Site;
  readonly node: string;
  readonly nowMs: () => number;
  /** Seals and opens private keys with the site's key-encryption key. */
  readonly keys: KeySeal;
  /** Ed25519, PKCS#8 PEM: with it the site signs its offers, the same at every gateway. */
  readonly offerSigningKeyPem: string;
  readonly authorities: ChannelAuthorities;
  /** Issues a channel certificate for a key that was checked, and puts it on record. */
  readonly issueChannelCertificate: (
    node: string,
    role: 'proxy' | 'gateway',
    spki: Buffer,
  ) => Promise<Result<IssuedCertificate, RenewalRefusal>>;
  /** What a change does to the running gateways and proxies; resolves when the proxies have answered. */
  readonly running: RunningSite;
  readonly siteFiles: SiteFiles;
  /** Absent where auditing is off. */
  readonly ledger?: LedgerAccess;
  /** The whole database, for a backup; absent where partners are kept in files. */
  readonly archive?: StateArchive;
  /** Octets of records in the journal of this gateway that its database does not have yet. */
  readonly journalWaitingBytes?: () => number;
  /** Why nothing can be changed here; absent where it can. */
  readonly readOnly?: CommandRefusal;
}

/** The ledger, and the keys that an auditor verifies it with. */
export interface LedgerAccess {
  readonly reader: LedgerReader;
  readonly keys: LedgerKeys;
  /** Under which other Call-IDs a call goes, inside or towards these partners. */
  readonly otherCallIds: (callId: string, partners: readonly string[]) => readonly string[];
  /** Absent where auditing is off: what was written can still be read. */
  readonly holds?: HoldDesk;
  /** Absent where auditing is off: a reading could not be put on record. */
  readonly bodies?: BodyDesk;
  /** Absent where auditing is off: the change could not be put on record. */
  readonly rebuild?: RebuildDesk;
}

/** A text file of a site's folder, its path relative to the folder. */
export interface SiteFileText {
  readonly path: string;
  readonly text: string;
}

/** What an import does to one record; what is absent on a side is null. */
export interface RecordChange {
  readonly subject: string;
  readonly kind: 'added' | 'changed' | 'removed';
  readonly fields: readonly {
    readonly field: string;
    readonly before: unknown;
    readonly after: unknown;
  }[];
}

/** Adapter's side of import and export: partners and identities as the files of a site's folder. */
export interface SiteFiles {
  /** What the files would change; no change where they say nothing new. Every problem by file and line. */
  difference(
    state: State,
    files: readonly SiteFileText[],
    author: Author,
    nowMs: number,
  ): Result<
    { readonly difference: readonly RecordChange[]; readonly change: StateChange | undefined },
    readonly string[]
  >;
  /** The state as files; no private keys are in it. */
  exported(state: State): readonly SiteFileText[];
}

/** Adapter's side of sealing: AES-256-GCM under a key that is in no database. */
export interface KeySeal {
  /** `label` is authenticated with it: a sealed key of one identity cannot be put under another. */
  seal(privateKeyPem: string, label: string): string;
  open(sealed: string, label: string): Result<string, 'key-unreadable'>;
}

/** What proxies answered to a change. */
export interface Applied {
  readonly proxies: readonly {
    readonly proxy: string;
    readonly accepted: boolean;
    readonly reason?: string;
  }[];
  /** Live connections that the change closed. */
  readonly closedFlows: number;
}

/** What one proxy saw when it tried a partner's servers. */
export interface ProbeReport {
  /** `<node>/<worker>`. */
  readonly proxy: string;
  readonly steps: readonly ProbeStep[];
}

/** Why nothing was tried, or nobody said what came of it. */
export type ProbeFailure =
  | ProbeRefusal
  | 'no-proxy'
  | 'proxy-unknown'
  | 'proxy-too-old'
  | 'answer-missing'
  | 'answer-malformed';

/** The running site, as far as commands move it. */
export interface RunningSite {
  /** Sends the state's snapshot to all proxies; waits for their answers, five seconds at most. */
  apply(revision: number): Promise<Applied>;
  /** Live connections of a partner. */
  flows(partner: string): readonly {
    readonly proxy: string;
    readonly direction: 'inbound' | 'outbound';
    readonly remoteAddress: string;
    readonly trustSet: string;
    /** Base64 SHA-256 of the public key that we showed. */
    readonly ownKey: string;
    /** Version and cipher. */
    readonly tls: string;
    readonly openedAtMs: number;
  }[];
  /** Has a proxy try the servers of a partner's domain, half a minute at most; `proxy` is a node, or one of its workers. */
  probe(
    partner: string,
    domain: string,
    proxy: string | undefined,
  ): Promise<Result<ProbeReport, ProbeFailure>>;
}
