import { createPrivateKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { spkiDer } from '@sallyport/shared/x509/spki.ts';
import { createPassphraseSeal } from './sealed-key.ts';

/** An operator's signing key as it is written to files: the private half opens with the passphrase alone. */
export interface OperatorKeyFiles {
  /** One line, `sallyport-sealed:v1:scrypt,…`. */
  readonly sealedPrivateKey: string;
  /** SPKI. */
  readonly publicKeyPem: string;
  /** SHA-256 of the public key, hexadecimal: what the officer who adds the operator compares. */
  readonly fingerprint: string;
}

/** Why a passphrase is not taken, or does not open a key. */
export type OperatorKeyFault = 'passphrase-too-short' | 'key-unreadable';

export const PASSPHRASE_CHARS_MIN = 12;

/** Makes an operator's Ed25519 pair (RFC 8032); the name is authenticated with the private half. */
export function createOperatorKey(
  operator: string,
  passphrase: string,
): Result<OperatorKeyFiles, OperatorKeyFault> {
  if ([...passphrase].length < PASSPHRASE_CHARS_MIN) return err('passphrase-too-short');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const sealed = createPassphraseSeal(passphrase).seal(pem, labelOf(operator));
  return ok({
    sealedPrivateKey: `${sealed}\n`,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: operatorKeyFingerprint(publicKey),
  });
}

/** Opens an operator's private half; a wrong passphrase, a damaged file and another operator's look the same. */
export function openOperatorKey(
  sealedPrivateKey: string,
  operator: string,
  passphrase: string,
): Result<KeyObject, OperatorKeyFault> {
  const pem = createPassphraseSeal(passphrase).open(sealedPrivateKey, labelOf(operator));
  if (!pem.ok) return pem;
  const key = createPrivateKey(pem.value);
  return key.asymmetricKeyType === 'ed25519' ? ok(key) : err('key-unreadable');
}

/** SHA-256 of the public half, given either half. */
export function operatorKeyFingerprint(key: KeyObject): string {
  return hash('sha256', spkiDer(key));
}

function labelOf(operator: string): string {
  return `operator/${operator}`;
}
