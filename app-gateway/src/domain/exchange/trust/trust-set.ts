import type { TrustState } from '../../../config/trust-state.ts';

/** One operator's word that the fingerprint was compared with the partner over a second channel. */
export interface Verification {
  readonly operator: string;
  readonly atMs: number;
  readonly method: 'fingerprint' | 'words';
}

/** Where a set came from, so that it can be proved later which file was meant. */
export interface TrustOrigin {
  readonly file: string;
  readonly format: 'sallyport' | 'pem' | 'der' | 'pkcs7' | 'pkcs12' | 'site-file';
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /** Of an offer in our own format. */
  readonly sequence?: number;
  /** Until when that offer may be taken. */
  readonly expiresAtMs?: number;
  /** Key that signed the offer: base64 SHA-256 of the public key. */
  readonly signer?: string;
}

/**
 * What one partner gave us to trust at one time; several are valid at once while keys roll over.
 *
 * Sets of different partners are never joined, and neither are two sets of one partner: a path leads to an
 * anchor of one set and fulfils the pins of that set.
 */
export interface TrustSet {
  /** `t1`, `t2` …, counted up within the partner and never used again. */
  readonly id: string;
  readonly state: TrustState;
  /** PEM, one certificate each; may be empty where there are pins. */
  readonly anchors: readonly string[];
  readonly intermediates: readonly string[];
  /** Base64 SHA-256 of public keys. */
  readonly pins: readonly string[];
  /** Base64 SPKI of the Ed25519 keys that may sign this partner's next offers; absent where no offer of our format was received. */
  readonly signingKeys?: readonly string[];
  /** `trustFingerprint` of all of the above (shared/x509), hexadecimal: what two people compare by telephone. */
  readonly fingerprint: string;
  readonly origin: TrustOrigin;
  readonly receivedAtMs: number;
  readonly verifications: readonly Verification[];
  /** How often a wrong fingerprint was typed; absent: never. */
  readonly wrongFingerprints?: number;
  readonly stagedAtMs?: number;
  readonly activatedAtMs?: number;
  readonly retiredAtMs?: number;
}
