import type { TLSSocket } from 'node:tls';
import type { Certificate } from '../x509/certificate.ts';
import { tlsTerms } from './tls-terms.ts';

/** One end of a channel's connection; an address is missing where the socket was closed by then. */
export interface ChannelEnd {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/** How a channel came about, for the record of it. */
export interface ChannelHandshake {
  /** As seen from here: `outbound` is what we dialled. */
  readonly direction: 'inbound' | 'outbound';
  readonly own: ChannelEnd;
  readonly peer: ChannelEnd;
  readonly tlsVersion: string;
  readonly cipher: string;
  readonly group: string | undefined;
  /** SHA-256 of the peer's certificate, and of its public key. */
  readonly certificate: Buffer;
  readonly publicKey: Buffer;
  /** Wall clock, milliseconds. */
  readonly atMs: number;
}

/** What a socket tells once its handshake is over and the peer's certificate has proven the peer. */
export function channelHandshake(
  socket: TLSSocket,
  { fingerprintSha256, spkiSha256 }: Certificate,
  direction: ChannelHandshake['direction'],
  atMs: number,
): ChannelHandshake {
  const { version, cipher, group } = tlsTerms(socket);
  return {
    direction,
    own: { address: socket.localAddress, port: socket.localPort },
    peer: { address: socket.remoteAddress, port: socket.remotePort },
    tlsVersion: version,
    cipher,
    group,
    certificate: Buffer.from(fingerprintSha256, 'hex'),
    publicKey: Buffer.from(spkiSha256, 'base64'),
    atMs,
  };
}
