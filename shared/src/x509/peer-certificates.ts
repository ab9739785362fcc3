import { err, ok, type Result } from '../result.ts';
import { type Certificate, type CertificateFault, parseCertificate } from './certificate.ts';

/** What a peer sent in its handshake, parsed and not yet judged. */
export interface PeerCertificates {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
}

/** Why a peer's certificate message cannot be judged at all. */
export type PeerCertificatesFault =
  | 'peer-certificate-missing'
  | 'peer-certificates-too-many'
  | CertificateFault;

export const PEER_CERTIFICATES_MAX = 16;

/**
 * Parses a peer's certificates, leaf first (RFC 8446 §4.4.2); at most 16.
 *
 * The rest may come in any order. One of them that cannot be parsed is left out: it can only be missed
 * on a path, never help one.
 */
export function fromX509(ders: readonly Buffer[]): Result<PeerCertificates, PeerCertificatesFault> {
  const [first, ...rest] = ders;
  if (first === undefined) return err('peer-certificate-missing');
  if (ders.length > PEER_CERTIFICATES_MAX) return err('peer-certificates-too-many');
  const leaf = parseCertificate(first);
  if (!leaf.ok) return leaf;
  const intermediates = rest.flatMap((der) => {
    const parsed = parseCertificate(der);
    return parsed.ok ? [parsed.value] : [];
  });
  return ok({ leaf: leaf.value, intermediates });
}
