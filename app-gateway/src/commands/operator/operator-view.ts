import { createPublicKey, hash } from 'node:crypto';
import { spkiDer } from '@sallyport/shared/x509/spki.ts';
import type {
  OperatorRecord,
  OperatorRole,
} from '../../domain/exchange/operator/operator-record.ts';

/** An operator as answers show one. */
export interface OperatorView {
  readonly name: string;
  readonly role: OperatorRole;
  readonly isDisabled: boolean;
  readonly addedAtMs: number;
  readonly addedBy: string;
  readonly publicKeyPem: string;
  /** SHA-256 of the public key, hexadecimal. */
  readonly keyFingerprint: string;
}

export function operatorView({
  name,
  role,
  isDisabled,
  addedAtMs,
  addedBy,
  publicKeyPem,
}: OperatorRecord): OperatorView {
  const keyFingerprint = hash('sha256', spkiDer(createPublicKey(publicKeyPem)));
  return { name, role, isDisabled, addedAtMs, addedBy, publicKeyPem, keyFingerprint };
}
