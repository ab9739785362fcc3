import { Buffer } from 'node:buffer';
import { createPublicKey, hash, type KeyObject } from 'node:crypto';

/** A key's public half as its SubjectPublicKeyInfo, in DER (RFC 5280 §4.1.2.7); the key may be the private one. */
export function spkiDer(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** The same in base64, as our signed files hold keys. */
export function spkiBase64(key: KeyObject): string {
  return spkiDer(key).toString('base64');
}

/** Base64 SHA-256 of it: how pins are written and how keys are told apart. */
export function spkiSha256(key: KeyObject): string {
  return hash('sha256', spkiDer(key), 'base64');
}

/** The Ed25519 key of a signed file; undefined where the text is none, or that of another kind. */
export function ed25519OfSpki(base64: string): KeyObject | undefined {
  try {
    const key = createPublicKey({
      key: Buffer.from(base64, 'base64'),
      format: 'der',
      type: 'spki',
    });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    // node:crypto throws for whatever is no key.
    return undefined;
  }
}
