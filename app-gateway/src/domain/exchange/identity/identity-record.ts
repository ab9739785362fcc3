import type { MlDsa } from '@sallyport/shared/x509/ml-dsa.ts';

/** A key of ours under one name. */
export interface IdentityKey {
  /** `k1`, `k2` …, counted up within the identity and never used again. */
  readonly id: string;
  /** `requested` (no certificate yet) → `ready` (next) → `active` (now) → `retired`. */
  readonly state: 'requested' | 'ready' | 'active' | 'retired';
  readonly kind: 'ec-p256' | 'rsa-2048' | 'rsa-3072' | MlDsa | 'other';
  /** Base64 SHA-256 of the public key. */
  readonly spki: string;
  /** PKCS#10, PEM. */
  readonly requestPem?: string;
  /** Leaf first, PEM. */
  readonly chainPem?: string;
  /** What a partner needs to trust it: the path's anchors, PEM. */
  readonly anchorsPem?: string;
  /** The private key, sealed with the site's key-encryption key; never in the open. */
  readonly sealedKey: string;
  readonly createdAtMs: number;
  readonly notAfterMs?: number;
  readonly activatedAtMs?: number;
  readonly retiredAtMs?: number;
}

/** One of our public names with the key in use, the next one, and those before. */
export interface IdentityRecord {
  readonly name: string;
  readonly serverNames: readonly string[];
  /** Place in the list that proxies get; the first is the default. */
  readonly position: number;
  readonly keys: readonly IdentityKey[];
}
