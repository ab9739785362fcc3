import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PartnerTarget } from '@sallyport/app-gateway/domain/signalling.ts';
import { decodeSipTo } from '@sallyport/shared/channel/delivery.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { frame, MESSAGE } from './fake-connection.ts';
import { HubBench } from './hub-bench.ts';

function target(change: Partial<PartnerTarget> = {}): PartnerTarget {
  const nextHop = 'sip:x@globex.example';
  return { partner: 'globex', nextHop, flow: undefined, isSecure: false, avoid: [], ...change };
}

describe('the way to a partner by plain TCP', () => {
  const plain = { hostPort: 'plain.acme.example:5060', transport: 'tcp' } as const;

  function bench() {
    const hub = new HubBench({
      transportTo: () => 'tcp',
      nameFor: () => plain,
      nameOf: () => plain,
    });
    return { hub, ...hub.channel() };
  }

  it('is one that a proxy makes, which is told so, under the name for it', () => {
    const { hub, connection } = bench();
    const way = hub.hub.way(target());
    assert.equal(way?.ownName, plain);
    assert.equal(way?.carry(9, MESSAGE)?.peer, 'globex');
    const [written] = connection.written;
    assert.equal(written?.type, FrameType.sipTo);
    const bytes = written?.bytes ?? Buffer.alloc(0);
    const decoded = decodeSipTo(bytes, 0, bytes.length);
    assert.equal(decoded.ok && decoded.value.target.transport, 'tcp');
  });

  it('is a connection that the partner opened, by name or by itself', () => {
    const { hub, channel } = bench();
    frame(channel, FrameType.flowOpened, 3, 0, {
      partner: 'globex',
      identities: ['globex.example'],
      transport: 'tcp',
      sightings: [],
      direction: 'inbound',
      remoteAddress: '192.0.2.3',
      remotePort: 5061,
      localPort: 5060,
      openedAtMs: 1,
    });
    for (const flow of [undefined, 'edge-1/0/3']) {
      const way = hub.hub.way(target({ flow }));
      assert.equal(way?.ownName, plain);
      assert.equal(way?.carry(9, MESSAGE)?.flow, 'edge-1/0/3');
      assert.equal(hub.hub.way(target({ flow, isSecure: true })), undefined);
    }
  });
});
