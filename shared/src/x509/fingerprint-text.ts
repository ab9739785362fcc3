const GROUP = /.{1,4}/g;

/** A fingerprint in groups of four digits, as it is printed, read out and typed. */
export function formatFingerprint(fingerprint: string): string {
  return (fingerprint.match(GROUP) ?? []).join(' ');
}
