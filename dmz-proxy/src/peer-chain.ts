import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

const CERTIFICATES_MAX = 16;

/**
 * The certificates a peer sent, leaf first, as DER; none when it sent none.
 *
 * A resumed session shows its leaf alone. What OpenSSL thought of them is not asked: see `identity`.
 */
export function peerChain(socket: TLSSocket): readonly Buffer[] {
  const chain: Buffer[] = [];
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < CERTIFICATES_MAX) {
    chain.push(certificate.raw);
    const issuer: X509Certificate | undefined = certificate.issuerCertificate;
    if (issuer === certificate) break;
    certificate = issuer;
  }
  return chain;
}
