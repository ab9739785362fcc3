import type { PathFault } from '@sallyport/shared/x509/path-rules.ts';

const WORDS: Readonly<Record<PathFault, string>> = {
  'path-not-found': 'no certificate above it is known',
  'path-search-exhausted':
    'too many certificates above it look alike, or they constrain too many names',
  'path-too-long': 'too many authorities stand between it and a root',
  'path-signature-bad': 'the certificate above it, by its name, did not sign it',
  'path-not-yet-valid': 'a certificate of its path is not valid yet',
  'path-expired': 'a certificate of its path has ended',
  'path-version-unsupported': 'a certificate of its path is not of version 3',
  'path-serial-malformed': 'a serial number is zero, negative or longer than 20 octets',
  'path-name-empty': 'a certificate of its path has no name',
  'path-key-refused': 'a certificate of its path has a key that is not accepted',
  'path-algorithm-refused': 'a signature of its path has an algorithm that is not accepted',
  'path-critical-extension-unhandled': 'a critical extension is not known here',
  'path-key-usage-refused': 'a key of its path may not be used for this (keyUsage)',
  'path-issuer-not-ca':
    'the certificate above it is not marked as an authority, or a root not critically',
  'path-length-exceeded':
    'an authority above it does not allow so many below it (pathLenConstraint)',
  'path-purpose-refused': 'it, or an authority above it, is not made for TLS (extendedKeyUsage)',
  'path-name-constraint-violated':
    'it has a name that an authority above it may not give (nameConstraints)',
  'path-policy-refused': 'it lacks a policy that an authority above it demands',
  'path-pin-mismatch': 'no certificate of its path has a key that was pinned',
};

/** Why no path leads from a certificate to a root, in words; the code stays, for it is what logs have. */
export function pathWords(fault: PathFault): string {
  return `refused: ${WORDS[fault]} (${fault})`;
}
