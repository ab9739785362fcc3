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

const RANK: Readonly<Record<OperatorRole, number>> = { auditor: 0, operator: 1, officer: 2 };

/** Whether a role is the least one asked for, or above it. */
export function mayDo(role: OperatorRole, least: OperatorRole): boolean {
  return RANK[role] >= RANK[least];
}
