/**
 * How far a set of a partner's keys has come.
 *
 * `received` → `verified` (two operators) → `staged` (accepted beside the old) → `seen` (a live handshake used
 * it) → `active` (confirmed) → `retired`. A set that is not wanted is `rejected`.
 */
export const TRUST_STATES = [
  'received',
  'verified',
  'staged',
  'seen',
  'active',
  'retired',
  'rejected',
] as const;

export type TrustState = (typeof TRUST_STATES)[number];

/** Whether handshakes with keys of this set are let in. */
export function isAccepted({ state }: { readonly state: TrustState }): boolean {
  return state === 'staged' || state === 'seen' || state === 'active';
}
