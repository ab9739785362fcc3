/** What a partner's agreement leaves open about the shape of its paths. */
export interface PathPolicy {
  /**
   * `federation`: serverAuth is good in both roles, since public CAs leave clientAuth out; `strict`: a client shows
   * clientAuth and a server serverAuth.
   */
  readonly purposes: 'federation' | 'strict';
  /** A leaf without extendedKeyUsage is good for TLS: the standard says so (RFC 5280 §4.2.1.12). */
  readonly acceptNoExtendedKeyUsage: boolean;
  /** A leaf whose only fitting purpose is anyExtendedKeyUsage; applications may refuse it (same section). */
  readonly acceptAnyExtendedKeyUsage: boolean;
  /** CA certificates between leaf and anchor that are not self-issued; of all kinds there are never more than 6. */
  readonly intermediatesMax: number;
  /** Whoever asks goes on to refuse a path of whose revocation nothing is known: lists may be demanded critically. */
  readonly refusesUnknownRevocation: boolean;
}

/** What holds when the agreement is silent. */
export const defaultPathPolicy: PathPolicy = {
  purposes: 'federation',
  acceptNoExtendedKeyUsage: true,
  acceptAnyExtendedKeyUsage: false,
  intermediatesMax: 4,
  refusesUnknownRevocation: false,
};

/** Channels: the site's root, one authority that issues, and the node; its purposes are always written out. */
export const channelPathPolicy: PathPolicy = {
  ...defaultPathPolicy,
  acceptNoExtendedKeyUsage: false,
  intermediatesMax: 1,
};
