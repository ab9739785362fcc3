import { type Certificate, parseCertificate } from './certificate.ts';
import { decodePem } from './pem.ts';

/**
 * The certificates of a PEM text, in order; one that cannot be parsed is left out, and a broken block leaves none.
 *
 * Parses without remembering; whoever asks often brings a cache instead.
 */
export function certificatesOfPem(pem: string): readonly Certificate[] {
  return decodePem(pem, 'CERTIFICATE').flatMap((der) => {
    const parsed = parseCertificate(der);
    return parsed.ok ? [parsed.value] : [];
  });
}
