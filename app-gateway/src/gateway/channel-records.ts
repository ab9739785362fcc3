import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import type { ChannelHandshake } from '@sallyport/shared/io/channel-handshake.ts';
import { normalizeAddress } from '@sallyport/shared/net/address.ts';
import type { ProxyChannel } from '../adapters/channel/proxy-channel.ts';

/** Fields of `channel-opened`: which worker of which proxy, from where to where, and over what. */
export function channelOpenedFields({ node, worker, connection }: ProxyChannel): FieldValues {
  const { handshake } = connection.certified;
  const { direction, own, peer, tlsVersion, cipher, group, certificate, publicKey } = handshake;
  const [source, destination] = direction === 'inbound' ? [peer, own] : [own, peer];
  return {
    peerNode: node,
    connection: worker,
    ...endFields('source', source),
    ...endFields('destination', destination),
    direction,
    tlsVersion,
    cipher,
    ...(group !== undefined && { group }),
    certificate,
    publicKey,
  };
}

/** Fields of `channel-closed`, of one as well that never became a channel: somebody with a certificate of ours was not what it said. */
export function channelClosedFields(
  { worker, connection }: ProxyChannel,
  code: string,
  nowMs: number,
): FieldValues {
  const { node, handshake } = connection.certified;
  const durationMs = BigInt(Math.max(0, nowMs - handshake.atMs));
  return { peerNode: node, connection: worker, durationMs, code };
}

function endFields(
  end: 'source' | 'destination',
  { address, port }: ChannelHandshake['own'],
): FieldValues {
  const normal = normalizeAddress((address ?? '').replace(/%.*$/s, ''));
  return {
    ...(normal !== undefined && { [end]: normal }),
    ...(port !== undefined && { [`${end}Port`]: port }),
  };
}
