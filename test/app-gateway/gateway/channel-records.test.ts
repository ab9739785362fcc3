import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProxyChannel } from '@sallyport/app-gateway/adapters/channel/proxy-channel.ts';
import {
  channelClosedFields,
  channelOpenedFields,
} from '@sallyport/app-gateway/gateway/channel-records.ts';
import type { ChannelHandshake } from '@sallyport/shared/io/channel-handshake.ts';
import { DIALLED_BY_GATEWAY } from '../../shared/io/handshake-fixture.ts';

const { certificate, publicKey } = DIALLED_BY_GATEWAY;

function channelOf(handshake: Partial<ChannelHandshake>): ProxyChannel {
  const certified = { node: 'edge-1', handshake: { ...DIALLED_BY_GATEWAY, ...handshake } };
  return { node: 'edge-1', worker: 3, connection: { certified } } as unknown as ProxyChannel;
}

describe('the record of a channel', () => {
  it('has where it came from, where it went, and over what', () => {
    assert.deepEqual(channelOpenedFields(channelOf({})), {
      ...{ peerNode: 'edge-1', connection: 3, direction: 'inbound' },
      ...{ source: '198.51.100.4', sourcePort: 40_000 },
      ...{ destination: '192.0.2.10', destinationPort: 7000 },
      ...{ tlsVersion: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: 'X25519MLKEM768' },
      ...{ certificate, publicKey },
    });
  });

  it('has the ends the other way round where we dialled, and no more than is known', () => {
    const unknown = { address: undefined, port: undefined };
    const fields = channelOpenedFields(
      channelOf({ direction: 'outbound', peer: unknown, group: undefined }),
    );
    assert.deepEqual(fields, {
      ...{ peerNode: 'edge-1', connection: 3, direction: 'outbound' },
      ...{ source: '192.0.2.10', sourcePort: 7000 },
      ...{ tlsVersion: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
      ...{ certificate, publicKey },
    });
  });

  it('has how long it was there, never less than nothing', () => {
    const closed = { peerNode: 'edge-1', connection: 3, code: 'ended' };
    const channel = channelOf({});
    assert.deepEqual(channelClosedFields(channel, 'ended', 6000), { ...closed, durationMs: 5000n });
    assert.deepEqual(channelClosedFields(channel, 'ended', 10), { ...closed, durationMs: 0n });
  });
});
