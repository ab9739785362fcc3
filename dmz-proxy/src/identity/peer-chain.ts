import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { PEER_CERTIFICATES_MAX } from '@sallyport/shared/x509/peer-certificates.ts';

/** One more than is judged: so many are turned away, and not taken for fewer. */
const CERTIFICATES_READ_MAX = PEER_CERTIFICATES_MAX + 1;

/** The certificates a peer sent, as DER. */
export interface PeerChain {
  /** Undefined when it sent none. */
  readonly leaf: Buffer | undefined;
  /** All of them, leaf first. Made when asked for: a leaf that is known needs no company. */
  readonly chain: () => readonly Buffer[];
}

/**
 * Reads what a peer showed, in its order and whether one certificate leads to the next or not; no more of it than shows
 * that it is too much.
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
  while (certificate !== undefined && chain.length < CERTIFICATES_READ_MAX) {
    chain.push(certificate.raw);
    const issuer: X509Certificate | undefined = certificate.issuerCertificate;
    if (issuer === certificate) break;
    certificate = issuer;
  }
  return chain;
}
