/** What an operator may do: officers approve and keep operators, operators work, auditors read. */
export type OperatorRole = 'officer' | 'operator' | 'auditor';

/** A person who changes things, known by a signing key of their own. */
export interface OperatorRecord {
  readonly name: string;
  readonly role: OperatorRole;
  /** Ed25519, SPKI PEM. */
  readonly publicKeyPem: string;
  readonly isDisabled: boolean;
  readonly addedAtMs: number;
  readonly addedBy: string;
}
