import type { TLSSocket } from 'node:tls';
import { err, type Result } from '@sallyport/shared/result.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { type OcspFault, type OcspStatus, stapledStatus } from '@sallyport/shared/x509/ocsp.ts';
import type { Path } from '@sallyport/shared/x509/path.ts';

/** Why a server's staple says nothing of it; `ocsp-missing`: we asked, and none came. */
export type StapleFault = OcspFault | 'ocsp-missing';

/** What a server stapled to its certificate, judged once: of a live connection only the end is looked at again. */
export interface Staple {
  /** By whose key it was judged. */
  readonly issuerKey: string | undefined;
  readonly status: Result<OcspStatus, StapleFault>;
}

/** The number of the TLS extension by which staples are asked for (RFC 6066 §8). */
const STATUS_REQUEST = 5;

/**
 * Keeps what a server staples, for when the handshake is over; the socket was made with `requestOCSP`.
 *
 * Of several responses, one for each certificate (RFC 8446 §4.4.2.1), only the leaf's is told.
 */
export function stapledTo(socket: TLSSocket): () => Buffer | undefined {
  let response: Buffer | undefined;
  // A server that staples nothing is told of with null, whatever the types say.
  socket.once('OCSPResponse', (told: Buffer | null) => {
    response = told ?? undefined;
  });
  return () => response;
}

/** Judges a response by the issuer on the path; the anchor, or a leaf let in by its pin, has nobody to vouch for it. */
export function judgeStaple(response: Buffer | undefined, path: Path, atMs: number): Staple {
  const issuer = path.chain[1];
  const issuerKey = issuer?.spkiSha256;
  if (response === undefined || issuer === undefined) {
    return { issuerKey, status: err('ocsp-missing') };
  }
  return { issuerKey, status: stapledStatus(response, path.leaf, issuer, atMs) };
}

/** What it says now, of a path that may have become another since. */
export function statusNow(
  { issuerKey, status }: Staple,
  path: Path,
  atMs: number,
): Staple['status'] {
  if (!status.ok) return status;
  if (path.chain[1]?.spkiSha256 !== issuerKey) return err('ocsp-other-certificate');
  return atMs > status.value.nextUpdateMs ? err('ocsp-expired') : status;
}

/** Whether a server with this certificate has bound itself to staple (RFC 7633 §4.1). */
export function mustStaple({ extensions }: Certificate): boolean {
  return extensions.tlsFeatures.includes(STATUS_REQUEST);
}
