import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

const CERTIFICATES_MAX = 16;

/** The certificates a peer sent, as DER. */
export interface PeerChain {
  /** Undefined when it sent none. */
  readonly leaf: Buffer | undefined;
  /** All of them, leaf first. Made when asked for: a leaf that is known needs no company. */
  readonly chain: () => readonly Buffer[];
}

/**
 * Reads what a peer showed; at most 16 certificates.
 *
 * A resumed session shows its leaf alone. What OpenSSL thought of them is not asked: see `identity`.
 */
export function peerChain(socket: TLSSocket): PeerChain {
  const certificate = socket.getPeerX509Certificate();
  const leaf = certificate?.raw;
  return { leaf, chain: () => chainOf(certificate) };
}

function chainOf(leaf: X509Certificate | undefined): readonly Buffer[] {
  const chain: Buffer[] = [];
  let certificate = leaf;
  while (certificate !== undefined && chain.length < CERTIFICATES_MAX) {
    chain.push(certificate.raw);
    const issuer: X509Certificate | undefined = certificate.issuerCertificate;
    if (issuer === certificate) break;
    certificate = issuer;
  }
  return chain;
}
