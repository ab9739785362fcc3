import { createPublicKey, hash } from 'node:crypto';
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
  const spki = createPublicKey(publicKeyPem).export({ format: 'der', type: 'spki' });
  const keyFingerprint = hash('sha256', spki, 'hex');
  return { name, role, isDisabled, addedAtMs, addedBy, publicKeyPem, keyFingerprint };
}
