import { constants } from 'node:crypto';
import type { ConnectionOptions, TLSSocket, TlsOptions } from 'node:tls';
import { err, ok, type Result } from '../result.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { type ChannelIdentity, channelIdentity } from '../x509/channel-identity.ts';
import { validatePath } from '../x509/path.ts';
import { defaultPathPolicy } from '../x509/path-policy.ts';
import { decodePem } from '../x509/pem.ts';

/** What one end of a channel has: its certificate and key, and the site's CA. All PEM. */
export interface ChannelCredentials {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

/** Who may be at the other end; without a node, any node of that role. */
export interface ExpectedPeer {
  readonly site: string;
  readonly role: 'proxy' | 'gateway';
  readonly node?: string;
}

/** Why a peer that finished its handshake is turned away all the same. */
export type ChannelTlsFault =
  | 'channel-not-authorized'
  | 'channel-no-certificate'
  | 'channel-certificate-malformed'
  | 'channel-path-invalid'
  | 'channel-identity-missing'
  | 'channel-site-wrong'
  | 'channel-role-wrong'
  | 'channel-node-wrong';

/** Hybrid post-quantum key agreement first; the other only for a site whose policy has turned it off. */
const GROUPS = 'X25519MLKEM768:X25519';

/** TLS 1.3 alone, and a full handshake each time: a channel lives for weeks, its checks are not skipped. */
function commonOptions(credentials: ChannelCredentials) {
  return {
    cert: credentials.certificatePem,
    key: credentials.keyPem,
    ca: credentials.caPem,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ecdhCurve: GROUPS,
    rejectUnauthorized: true,
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const;
}

/** Options of the end that listens. */
export function channelServerOptions(credentials: ChannelCredentials): TlsOptions {
  return { ...commonOptions(credentials), requestCert: true };
}

/** Options of the end that dials. A node is known by its URN, not by a host name. */
export function channelClientOptions(credentials: ChannelCredentials): ConnectionOptions {
  return { ...commonOptions(credentials), checkServerIdentity: () => undefined };
}

/**
 * Says who is at the other end of a finished handshake.
 *
 * Node has verified the path already; our own validation and the URN in the certificate come on top:
 * the CA proves the site, the URN the role, so that a proxy's key never makes a gateway.
 */
export function verifyChannelPeer(
  socket: TLSSocket,
  credentials: ChannelCredentials,
  expected: ExpectedPeer,
  peerIs: 'client' | 'server',
  atMs: number,
): Result<ChannelIdentity, ChannelTlsFault> {
  if (!socket.authorized) return err('channel-not-authorized');
  const raw = socket.getPeerX509Certificate()?.raw;
  if (raw === undefined) return err('channel-no-certificate');
  const leaf = parseCertificate(raw);
  if (!leaf.ok) return err('channel-certificate-malformed');
  if (!hasValidPath(leaf.value, credentials.caPem, peerIs, atMs)) {
    return err('channel-path-invalid');
  }
  const identity = channelIdentity(leaf.value);
  if (identity === undefined) return err('channel-identity-missing');
  if (identity.site !== expected.site) return err('channel-site-wrong');
  if (identity.role !== expected.role) return err('channel-role-wrong');
  if (expected.node !== undefined && identity.node !== expected.node) {
    return err('channel-node-wrong');
  }
  return ok(identity);
}

/** The site's CA issues channel certificates itself, so there are no intermediates to take from the peer. */
function hasValidPath(
  leaf: Certificate,
  caPem: string,
  peerIs: 'client' | 'server',
  atMs: number,
): boolean {
  const anchors: Certificate[] = [];
  for (const der of decodePem(caPem, 'CERTIFICATE')) {
    const anchor = parseCertificate(der);
    if (!anchor.ok) return false;
    anchors.push(anchor.value);
  }
  return validatePath({
    leaf,
    intermediates: [],
    anchors,
    pins: [],
    purpose: peerIs,
    policy: defaultPathPolicy,
    atMs,
  }).ok;
}
