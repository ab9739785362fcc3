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

/** The reason with this number; undefined for numbers that mean nothing. */
export function revocationReason(number: number): RevocationReason | undefined {
  return REASONS[number];
}
