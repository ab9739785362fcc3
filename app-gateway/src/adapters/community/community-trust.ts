import type { TLSSocket } from 'node:tls';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { coversAddress, coversDomain } from '@sallyport/shared/x509/sip-identity.ts';

/** Why an inner server is turned away. */
export type CommunityTlsFault =
  | 'community-no-certificate'
  | 'community-certificate-malformed'
  | 'community-path-invalid'
  | 'community-name-wrong';

/**
 * Whether the peer of a finished handshake shows a certificate of the community's own authority with one of the
 * names (RFC 5922 §7.2; addresses are compared with the IP names). Undefined: it does.
 */
export function communityPeerFault(
  socket: TLSSocket,
  anchors: readonly Certificate[],
  names: readonly string[],
  purpose: 'client' | 'server',
  atMs: number,
): CommunityTlsFault | undefined {
  const chain: Certificate[] = [];
  let shown = socket.getPeerX509Certificate();
  while (shown !== undefined && chain.length < 8) {
    const parsed = parseCertificate(shown.raw);
    if (!parsed.ok) return 'community-certificate-malformed';
    chain.push(parsed.value);
    shown = shown.issuerCertificate;
  }
  const leaf = chain[0];
  if (leaf === undefined) return 'community-no-certificate';
  const path = validatePath({
    leaf,
    intermediates: chain.slice(1),
    anchors,
    pins: [],
    purpose,
    policy: defaultPathPolicy,
    atMs,
  });
  if (!path.ok) return 'community-path-invalid';
  const isNamed = names.some((name) => coversDomain(leaf, name) || coversAddress(leaf, name));
  return isNamed ? undefined : 'community-name-wrong';
}
