import { type ExchangeRefusal, refusalOf } from '../exchange-refusal.ts';

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

/** Why an operator may not do what takes at least a role; undefined when it may. */
export function roleRefusal(
  { name, role }: Pick<OperatorRecord, 'name' | 'role'>,
  least: OperatorRole,
): ExchangeRefusal | undefined {
  return mayDo(role, least)
    ? undefined
    : refusalOf('role-too-low', { operator: name, role, least });
}
