/** A key that a live handshake used: the evidence on which old keys are retired. */
export interface Sighting {
  readonly partner: string;
  /** `accepted`: the partner showed it; `presented`: we showed it and the partner took it. */
  readonly direction: 'accepted' | 'presented';
  /** Base64 SHA-256 of the leaf's public key. */
  readonly spki: string;
  /** `TrustSet.id` or `<identity>/<key id>`. */
  readonly key: string;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly handshakes: number;
  readonly lastSource: string;
  readonly lastProxy: string;
  /** When the leaf ends, where the proxy said so; what the partner must renew by. */
  readonly notAfterMs?: number;
}
