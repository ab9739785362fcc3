const REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  // Number 7 is not used.
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

/** Why an authority took a certificate back (RFC 5280 §5.3.1). */
export type RevocationReason = NonNullable<(typeof REASONS)[number]>;

/**
 * The reason with this number; of numbers that mean nothing, that none is known.
 *
 * Whatever the reason, the certificate was taken back: who refused to read on would let it in.
 */
export function revocationReason(number: number): RevocationReason {
  return REASONS[number] ?? 'unspecified';
}
