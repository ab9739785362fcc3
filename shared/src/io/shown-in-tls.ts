import { createSecureContext } from 'node:tls';

/**
 * What the platform has against showing a certificate in TLS, in the words of OpenSSL, such as "ee key too small"; undefined: nothing.
 *
 * It refuses keys and signatures of less than 112 bits of security, which is found out here or where a connection is to
 * begin.
 */
export function whyNotShown(chainPem: string, keyPem: string): string | undefined {
  try {
    // No authorities: those of the platform would be read first.
    createSecureContext({ cert: chainPem, key: keyPem, ca: [] });
    return undefined;
  } catch (cause) {
    if (!(cause instanceof Error)) return 'unknown';
    return 'reason' in cause ? String(cause.reason) : cause.message;
  }
}
