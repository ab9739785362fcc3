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

/** The first of them, the leaf of a chain; undefined where that cannot be read. */
export function firstOfPem(pem: string): Certificate | undefined {
  const [der] = decodePem(pem, 'CERTIFICATE');
  const first = der && parseCertificate(der);
  return first?.ok === true ? first.value : undefined;
}
