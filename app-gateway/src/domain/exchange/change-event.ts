/** Everything that can happen to partners, keys, operators and nodes; the names are stable. */
export type ChangeKind =
  | 'imported'
  | 'partner-added'
  | 'partner-changed'
  | 'partner-removed'
  | 'partner-severed'
  | 'partner-restored'
  | 'offer-made'
  | 'trust-received'
  | 'trust-verified'
  | 'trust-verification-failed'
  | 'trust-staged'
  | 'trust-seen'
  | 'trust-activated'
  | 'trust-retired'
  | 'trust-rejected'
  | 'presentation-seen'
  | 'presentation-activated'
  | 'presentation-retired'
  | 'identity-key-requested'
  | 'identity-key-installed'
  | 'identity-key-activated'
  | 'identity-key-retired'
  | 'operator-added'
  | 'operator-disabled'
  | 'node-approved'
  | 'node-revoked'
  | 'channel-certificate-issued'
  | 'expiry-warning';

/** What an operator signed, kept so that it can be proved later. */
export interface Approval {
  readonly operator: string;
  /** The very text that was signed (`signed-command.ts`). */
  readonly payload: string;
  /** Base64, Ed25519. */
  readonly signature: string;
}

/** Who did it: an operator by signature, or the program itself (a node's name). */
export type Author =
  | { readonly kind: 'operator'; readonly approval: Approval }
  | { readonly kind: 'program'; readonly node: string };

/** A change that is about to be written. */
export interface NewChangeEvent {
  readonly atMs: number;
  readonly author: Author;
  readonly kind: ChangeKind;
  /** `partner/acme`, `identity/main`, `operator/ann`, `node/edge-1`. */
  readonly subject: string;
  /** Plain JSON: what changed, before and after where both exist; never a private key. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A change on record. */
export interface ChangeEvent extends NewChangeEvent {
  /** Counted up by one, without gaps. */
  readonly sequence: number;
}
