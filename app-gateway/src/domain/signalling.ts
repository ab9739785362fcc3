import type { Allowance } from './core/agreed-rates.ts';
import type { TransactionShare } from './core/transaction-share.ts';

/** A SIP message ready to be written once, straight into a connection's output buffer. */
export interface Outgoing {
  byteLength(): number;
  /** Writes at `at`, where `byteLength()` bytes are free; returns the index past it. */
  write(into: Buffer, at: number): number;
}

/** By which name a peer knows us on one connection, and which transport leads to it. */
export interface OwnName {
  /** `host:port` as it stands in Via, Record-Route and Contact; IPv6 in brackets. */
  readonly hostPort: string;
  readonly transport: 'tls' | 'tcp';
}

/** Where a request came from; its responses go back the same way (RFC 3261 §18.2.2). */
export interface Origin {
  readonly side: 'outside' | 'inside';
  /** Partner id outside, community id inside. */
  readonly peer: string;
  /** What a token remembers of the connection, so that a dialog can stay on it. */
  readonly flow: string;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  /** How the peer knows us there; inside it is always the name of this gateway. */
  readonly ownName?: OwnName;
  /** What whoever brought it holds of our transactions. */
  readonly share: TransactionShare;
  /** What its partner may still begin there, from the first request on; inside nothing is counted. */
  allowance?: Allowance | undefined;
  /** False once the connection is gone. */
  readonly isOpen: boolean;
  /** Its sender has been answered without us, or never will be: over no other connection either. */
  readonly isOrphaned: boolean;
  /** The peer allows requests back over this connection (RFC 5923 `alias`). */
  allowReuse(): void;
  /** Writes a response; false when the connection is gone. */
  respond(exchange: number, isFinal: boolean, response: Outgoing): boolean;
  /** Says that this exchange gets no answer: its request came before under another one, or is given up. */
  abandon(exchange: number): void;
}

/** A request that waits on a link for its answer: one of the list that the link holds. */
export interface OnLink {
  readonly number: number;
  /** Whose request it is, or whom it is for. */
  readonly partner: string;
  before: OnLink | undefined;
  after: OnLink | undefined;
}

/** A connection that carries requests of ours, or the next one that takes its place; compared by identity, and named when it is lost. */
export interface Link {
  /** Which of those that wait on it came last; the core keeps the list, and no other loses time when a link is lost. */
  lastWaiting: OnLink | undefined;
  /** Remote `address:port` as far as known. */
  readonly remote: string;
  /** Partner or community that answers on it. */
  readonly peer: string;
  /** By what `PartnerTarget.flow` asks for it; empty where it cannot be asked for. */
  readonly flow: string;
}

/** Whether a link belongs to whoever says something of what it carries. */
export type IsOwn = (link: Link) => boolean;

/** One try for a request to a partner. */
export interface PartnerTarget {
  readonly partner: string;
  readonly nextHop: string;
  /** Flow to use while it lives. */
  readonly flow: string | undefined;
  /** A `sips:` URI is to be reached: TLS alone will do (RFC 5630 §3.1). */
  readonly isSecure: boolean;
  /** Remote `address:port` pairs that failed within this transaction. */
  readonly avoid: readonly string[];
}

/** What was chosen to carry a request to a partner: a live connection, or a proxy that will find one. */
export interface Way {
  /** What the request must call us, so that its response and what follows find back. */
  readonly ownName: OwnName;
  /** Undefined: it does not carry it after all. */
  carry(clientNumber: number, request: Outgoing): Link | undefined;
}

/** The way out: every proxy of the site, reached over its channels. */
export interface PartnerSide {
  /** Whether any proxy takes requests now; without one no partner is within reach. */
  readonly isUp: boolean;
  /** Undefined: nothing carries it now. */
  way(target: PartnerTarget): Way | undefined;
}

/** The way in: the connections to the communities' servers. */
export interface CommunitySide {
  /** Hosts of a community worth trying, best first; empty when all are down. */
  hosts(community: string, preferred: string | undefined, callId: string): readonly string[];
  /** Partners are kept apart on the way: what an inner server makes of one's requests is no trouble of another's. */
  send(host: string, partner: string, request: Outgoing): Link | undefined;
}
