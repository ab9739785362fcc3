import type { ChannelHandshake } from '@sallyport/shared/io/channel-handshake.ts';

/** How a channel came about that a gateway of the tests dialled, as its proxy tells it. */
export const DIALLED_BY_GATEWAY: ChannelHandshake = {
  direction: 'inbound',
  own: { address: '192.0.2.10', port: 7000 },
  peer: { address: '::ffff:198.51.100.4', port: 40_000 },
  tlsVersion: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  group: 'X25519MLKEM768',
  certificate: Buffer.alloc(32, 1),
  publicKey: Buffer.alloc(32, 2),
  atMs: 1000,
};
