import { constants, type X509Certificate } from 'node:crypto';
import type { ConnectionOptions, TLSSocket, TlsOptions } from 'node:tls';
import { err, ok, type Result } from '../result.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { type ChannelIdentity, channelIdentity } from '../x509/channel-identity.ts';
import { type Path, validatePath } from '../x509/path.ts';
import { channelPathPolicy } from '../x509/path-policy.ts';
import { fromX509, type PeerCertificates } from '../x509/peer-certificates.ts';
import { decodePem } from '../x509/pem.ts';
import { type ChannelHandshake, channelHandshake } from './channel-handshake.ts';

/** What one end of a channel has, all PEM; `caPem` is the site's root, which is on no host with its key. */
export interface ChannelCredentials {
  /** The node's certificate, and behind it the authority that issued it, as the peer is shown them. */
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

/** Who may be at the other end; without a node, any node of that role. */
export interface ExpectedPeer {
  readonly site: string;
  readonly role: 'proxy' | 'gateway';
  readonly node?: string;
  /** Asked at each handshake, so that a node that was lost in between is turned away. */
  readonly isRevoked?: (peer: ChannelPeer) => boolean;
}

/** Who is at the other end, the serial numbers on the path by which that was proven, and how. */
export interface ChannelPeer extends ChannelIdentity {
  /** Lower-case hexadecimal, the root's left out. */
  readonly serials: readonly string[];
  readonly handshake: ChannelHandshake;
}

/**
 * Whether a node was lost: by its name, or by the serial number of a certificate on its path.
 *
 * The latter shuts out all that an authority issued whose key was lost with a gateway.
 */
export function isRevokedPeer(
  { node, serials }: Pick<ChannelPeer, 'node' | 'serials'>,
  revoked: readonly string[],
): boolean {
  return revoked.includes(node) || serials.some((serial) => revoked.includes(serial));
}

const CHANNEL_TLS_FAULTS = [
  'channel-not-authorized',
  'channel-no-certificate',
  'channel-certificate-malformed',
  'channel-path-invalid',
  'channel-identity-missing',
  'channel-site-wrong',
  'channel-role-wrong',
  'channel-node-wrong',
  'channel-node-revoked',
] as const;

/** Why a peer that finished its handshake is turned away all the same. */
export type ChannelTlsFault = (typeof CHANNEL_TLS_FAULTS)[number];

/** Whether it was the certificate for which a peer was turned away, not the network or the handshake. */
export function isChannelTlsFault(reason: string): reason is ChannelTlsFault {
  return (CHANNEL_TLS_FAULTS as readonly string[]).includes(reason);
}

/** Hybrid post-quantum key agreement first; the other only for a site whose policy has turned it off. */
const GROUPS = 'X25519MLKEM768:X25519';
/** Leaf, issuing authority and root, and room to see that there is more. */
const SHOWN_MAX = 8;

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
): Result<ChannelPeer, ChannelTlsFault> {
  if (!socket.authorized) return err('channel-not-authorized');
  const chain = shownChain(socket);
  if (chain.length === 0) return err('channel-no-certificate');
  const shown = fromX509(chain);
  if (!shown.ok) return err('channel-certificate-malformed');
  const path = validPath(shown.value, credentials.caPem, peerIs, atMs);
  if (path === undefined) return err('channel-path-invalid');
  const identity = channelIdentity(path.leaf);
  if (identity === undefined) return err('channel-identity-missing');
  if (identity.site !== expected.site) return err('channel-site-wrong');
  if (identity.role !== expected.role) return err('channel-role-wrong');
  if (expected.node !== undefined && identity.node !== expected.node) {
    return err('channel-node-wrong');
  }
  const serials = path.chain.slice(0, -1).map(({ serialHex }) => serialHex);
  const direction = peerIs === 'client' ? 'inbound' : 'outbound';
  const handshake = channelHandshake(socket, path.leaf, direction, atMs);
  const peer = { ...identity, serials, handshake };
  return expected.isRevoked?.(peer) === true ? err('channel-node-revoked') : ok(peer);
}

/** What the peer sent, leaf first; the platform ends it with the root that it knows. */
function shownChain(socket: TLSSocket): readonly Buffer[] {
  const chain: Buffer[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < SHOWN_MAX) {
    chain.push(certificate.raw);
    const issuer: X509Certificate | undefined = certificate.issuerCertificate;
    certificate = issuer === certificate ? undefined : issuer;
  }
  return chain;
}

/**
 * The path to the site's root, with one authority between at most: it issues, and is no node itself.
 *
 * Its name carries no role and its key may sign certificates only, so that it can never stand at an end.
 */
function validPath(
  { leaf, intermediates }: PeerCertificates,
  caPem: string,
  peerIs: 'client' | 'server',
  atMs: number,
): Path | undefined {
  const anchors: Certificate[] = [];
  for (const der of decodePem(caPem, 'CERTIFICATE')) {
    const anchor = parseCertificate(der);
    if (!anchor.ok) return undefined;
    anchors.push(anchor.value);
  }
  const path = validatePath({
    leaf,
    intermediates,
    anchors,
    pins: [],
    purpose: peerIs,
    policy: channelPathPolicy,
    atMs,
  });
  return path.ok ? path.value : undefined;
}
