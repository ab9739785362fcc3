import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChannelHub } from '@sallyport/app-gateway/adapters/channel/channel-hub.ts';
import type { Origin, PartnerTarget, Way } from '@sallyport/app-gateway/domain/signalling.ts';
import { decodeSipTo } from '@sallyport/shared/channel/delivery.ts';
import { FLAG_FINAL, FrameType } from '@sallyport/shared/channel/frame.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { fromPartner, LIMITS, responseTo } from '../../domain/core/core-stage.ts';
import {
  FakeConnection,
  frame,
  HELLO,
  MESSAGE,
  openFlow,
  type Written,
} from './fake-connection.ts';
import { HUB_POLICY, HubBench } from './hub-bench.ts';

function target(change: Partial<PartnerTarget> = {}): PartnerTarget {
  return {
    partner: 'globex',
    nextHop: 'sip:x@globex.example',
    flow: undefined,
    isSecure: false,
    avoid: [],
    ...change,
  };
}

describe('frames of a proxy', () => {
  it('are requests and responses of their flow, with credit given back', () => {
    const bench = new HubBench();
    const { connection, channel } = bench.channel();
    openFlow(channel, 3);
    const request = fromPartner('MESSAGE');
    frame(channel, FrameType.sip, 3, 8, request);
    frame(channel, FrameType.sip, 3, 0, responseTo(request, 200));
    frame(channel, FrameType.sip, 4, 9, request);
    assert.deepEqual(bench.take(), ['edge-1/0/3 MESSAGE 8', 'globex 200']);
    assert.equal(connection.consumedBytes.length, 3, 'of a flow that is gone, too');
    assert.equal(bench.hub.flowCount, 1);
  });

  it('close the channel when they do not decode', () => {
    for (const type of [FrameType.flowOpened, FrameType.snapshotResult]) {
      const bench = new HubBench();
      const { connection, channel } = bench.channel();
      frame(channel, type, 3, 0, '{}');
      assert.match(connection.closedBy ?? '', /malformed$/);
    }
  });

  it('say what their worker counts; what does not decode leaves the last word', () => {
    const { connection, channel } = new HubBench().channel(1, 'edge-2');
    assert.deepEqual([channel.node, channel.worker, channel.metrics], ['edge-2', 1, {}]);
    frame(channel, FrameType.metrics, 0, 0, { requests: 3, 'flow-closed:peer-closed': 1 });
    frame(channel, FrameType.metrics, 0, 0, { requests: -4 });
    frame(channel, FrameType.metrics, 0, 0, '[]');
    assert.deepEqual(channel.metrics, { requests: 3, 'flow-closed:peer-closed': 1 });
    assert.equal(connection.closedBy, undefined);
  });

  it('tell where a request went, or why not', () => {
    const bench = new HubBench();
    const { channel } = bench.channel();
    bench.hub.way(target())?.carry(21, MESSAGE);
    openFlow(channel, 3, { direction: 'outbound' });
    frame(channel, FrameType.sent, 3, 21, { remoteAddress: '192.0.2.3', remotePort: 5061 });
    // Once, and of nothing that it was not asked.
    frame(channel, FrameType.sent, 3, 21, { remoteAddress: '192.0.2.3', remotePort: 5061 });
    frame(channel, FrameType.sent, 3, 20, { remoteAddress: '192.0.2.3', remotePort: 5061 });
    const rows = [
      ['flow-gone', false],
      ['draining', false],
      ['connect', true],
      ['identity', true],
      ['dns', true],
    ] as const;
    assert.deepEqual(bench.take(), ['sent 21 192.0.2.3:5061']);
    for (const [reason, isLast] of rows) {
      frame(channel, FrameType.sendFailed, 0, 22, { reason });
      assert.deepEqual(bench.take(), ['send-failed', `failed 22 ${isLast}`]);
    }
  });

  it('end flows, and the channel ends them all and what waits for a flow', () => {
    const bench = new HubBench();
    const { channel } = bench.channel();
    openFlow(channel, 3);
    openFlow(channel, 4);
    frame(channel, FrameType.flowClosed, 3, 0, { reason: 'idle' });
    frame(channel, FrameType.flowClosed, 3, 0, { reason: 'idle' });
    assert.deepEqual(bench.take(), ['lost edge-1/0/3']);
    bench.hub.way(target())?.carry(31, MESSAGE);
    channel.closed('ended');
    assert.deepEqual(bench.take(), ['closed ended', 'lost edge-1/0/4', 'lost ']);
    assert.equal(bench.hub.flowCount, 0);
    assert.equal(bench.hub.isUp, false);
  });
});

describe('the way to a partner', () => {
  it('is an outbound flow whose certificate covers the next hop', () => {
    const bench = new HubBench();
    const { connection, channel } = bench.channel();
    openFlow(channel, 3, { direction: 'outbound' });
    const link = bench.hub.way(target())?.carry(41, MESSAGE);
    assert.deepEqual(
      [link?.flow, link?.peer, link?.remote],
      ['edge-1/0/3', 'globex', '192.0.2.3:5061'],
    );
    const [written] = connection.written;
    assert.deepEqual([written?.type, written?.flow, written?.exchange], [FrameType.sip, 3, 41]);
    assert.equal(written?.bytes.toString('latin1'), fromPartner('MESSAGE'));
  });

  const rows: readonly (readonly [string, object, Partial<PartnerTarget>, boolean, boolean])[] = [
    // what                  flow                          target                                 always   by flow
    ['an inbound flow', {}, {}, false, false],
    ['an inbound flow named by a token', {}, { flow: 'edge-1/0/3' }, false, false],
    ['an inbound flow of a partner that is always reused', {}, {}, true, true],
    ['a flow of another partner', { partner: 'initech', direction: 'outbound' }, {}, false, false],
    [
      'another partner’s flow named by a token',
      { partner: 'initech', direction: 'outbound' },
      { flow: 'edge-1/0/3' },
      true,
      false,
    ],
    [
      'a flow proven for another name',
      { identities: ['other.example'], direction: 'outbound' },
      {},
      false,
      false,
    ],
    [
      'the flow that a token names, whatever the next hop',
      { direction: 'outbound' },
      { flow: 'edge-1/0/3', nextHop: 'sip:198.51.100.1' },
      false,
      true,
    ],
    [
      'a flow whose address failed',
      { direction: 'outbound' },
      { flow: 'edge-1/0/3', avoid: ['192.0.2.3:5061'] },
      false,
      false,
    ],
  ];
  for (const [name, opened, change, isAlways, isByFlow] of rows) {
    it(`${isByFlow ? 'is' : 'is not'} ${name}`, () => {
      const bench = new HubBench();
      if (isAlways) bench.always.add('globex');
      const { connection, channel } = bench.channel();
      openFlow(channel, 3, opened);
      bench.hub.way(target(change))?.carry(42, MESSAGE);
      assert.equal(connection.written[0]?.type, isByFlow ? FrameType.sip : FrameType.sipTo);
    });
  }

  for (const [direction, type] of [
    ['inbound', FrameType.sip],
    ['outbound', FrameType.sipTo],
  ] as const) {
    it(`${type === FrameType.sip ? 'is' : 'is not'} an ${direction} flow that a token names, once our key has changed`, () => {
      const bench = new HubBench({ isOfNow: () => false });
      const { connection, channel } = bench.channel();
      openFlow(channel, 3, { direction });
      const [flow] = bench.hub.flowsByPartner.get('globex') ?? [];
      flow?.allowReuse();
      bench.hub.way(target({ flow: 'edge-1/0/3' }))?.carry(42, MESSAGE);
      assert.equal(connection.written[0]?.type, type);
    });
  }

  it('may be the same address again where its proxy has ended the flow', () => {
    for (const [change, remote] of [
      [{}, '192.0.2.3:5061'],
      [{ isEnding: true }, ''],
    ] as const) {
      const bench = new HubBench();
      const { channel } = bench.channel();
      openFlow(channel, 3, { direction: 'outbound' });
      const link = bench.hub.way(target())?.carry(41, MESSAGE);
      openFlow(channel, 3, { direction: 'outbound', ...change });
      frame(channel, FrameType.flowClosed, 3, 0, { reason: 'path-expired' });
      assert.deepEqual(bench.take(), ['lost edge-1/0/3']);
      assert.equal(link?.remote, remote);
    }
  });

  it('is a proxy that looks for a connection, told what and whom to avoid', () => {
    const bench = new HubBench();
    const { connection } = bench.channel();
    const link = bench.hub.way(target({ avoid: ['192.0.2.9:5061'] }))?.carry(43, MESSAGE);
    assert.deepEqual(link, { remote: '', peer: 'globex', flow: '', lastWaiting: undefined });
    const [written] = connection.written;
    assert.deepEqual([written?.type, written?.flow, written?.exchange], [FrameType.sipTo, 0, 43]);
    const bytes = written?.bytes ?? Buffer.alloc(0);
    const decoded = decodeSipTo(bytes, 0, bytes.length);
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.value.target, {
      partner: 'globex',
      uri: 'sip:x@globex.example',
      avoid: ['192.0.2.9:5061'],
    });
    assert.equal(bytes.toString('latin1', decoded.value.sipStart), fromPartner('MESSAGE'));
  });

  it('keeps to one worker per partner, and leaves it when it drains', () => {
    const bench = new HubBench();
    const workers = [0, 1, 2].map((worker) => bench.channel(worker).connection);
    for (let i = 0; i < 5; i++) bench.hub.way(target())?.carry(i + 1, MESSAGE);
    const used = workers.filter(({ written }) => written.length > 0);
    assert.equal(used.length, 1);
    assert.equal(used[0]?.written.length, 5);
    (used[0] as FakeConnection).isQuiet = true;
    bench.hub.way(target())?.carry(7, MESSAGE);
    assert.equal(used[0]?.written.length, 5);
    for (const worker of workers) worker.isQuiet = true;
    bench.hub.way(target())?.carry(8, MESSAGE);
    assert.equal(used[0]?.written.length, 6);
    (used[0] as FakeConnection).isAvailable = false;
    bench.hub.way(target())?.carry(9, MESSAGE);
    assert.equal(used[0]?.written.length, 6);
    for (const worker of workers) worker.isAvailable = false;
    assert.equal(bench.hub.isUp, false);
    assert.equal(bench.hub.way(target())?.carry(10, MESSAGE), undefined);
  });

  it('takes no next hop for which a proxy would close the channel', () => {
    for (const nextHop of [
      `sip:${'a'.repeat(3000)}@globex.example`,
      'sip:\u00e4@globex.example',
      'tel:+1',
    ]) {
      const bench = new HubBench();
      const { connection } = bench.channel();
      assert.equal(bench.hub.way(target({ nextHop }))?.carry(1, MESSAGE), undefined);
      assert.equal(connection.written.length, 0);
    }
  });
});

describe('a flow that is announced again', () => {
  it('is the same flow, with what has changed about it', () => {
    const bench = new HubBench();
    const { channel, connection } = bench.channel();
    openFlow(channel, 1, { sightings: ['accepted'] });
    openFlow(channel, 1, { trustSet: 't2', sightings: ['presented'] });
    openFlow(channel, 1, { trustSet: 't2', identities: ['im.globex.example'] });
    assert.deepEqual(bench.take(), [
      'sighted edge-1/0/1 edge-1/0 accepted',
      'sighted edge-1/0/1 edge-1/0 presented',
    ]);
    assert.equal(bench.hub.flowCount, 1);
    const [flow] = bench.hub.flowsByPartner.get('globex') ?? [];
    assert.ok(flow !== undefined && flow.opened.transport !== 'tcp');
    assert.deepEqual([flow.opened.trustSet, flow.opened.identities], ['t2', ['im.globex.example']]);
    assert.equal(connection.closedBy, undefined);
  });

  it('never changes hands', () => {
    const bench = new HubBench();
    const { channel, connection } = bench.channel();
    openFlow(channel, 1);
    openFlow(channel, 1, { partner: 'initech' });
    assert.equal(connection.closedBy, 'flow-opened-twice');
  });
});

/** A hub that has seen one request, and where it came from. */
function withOrigin() {
  let origin: Origin | undefined;
  const nothing = () => undefined;
  const connection = new FakeConnection();
  const hub = new ChannelHub(
    {
      request: (_index, flow) => {
        origin = flow;
      },
      response: nothing,
      sent: nothing,
      transportFailed: nothing,
      linkLost: nothing,
      sighted: nothing,
      channelReady: nothing,
      channelClosed: nothing,
      snapshotAnswered: () => undefined,
      certificateRequested: nothing,
      audit: nothing,
      report: nothing,
    },
    HUB_POLICY,
    new MessageIndex(LIMITS),
  );
  const channel = hub.open(connection as unknown as ChannelConnection);
  channel.ready(HELLO);
  openFlow(channel, 3);
  frame(channel, FrameType.sip, 3, 8, fromPartner('MESSAGE'));
  return { connection, channel, hub, origin: () => origin as Origin };
}

describe('an answer whose flow is gone (RFC 3261 §18.2.2)', () => {
  function lost(loss: 'flow' | 'channel', address: string): Written[] {
    const { connection, channel, origin, hub } = withOrigin();
    const second = new FakeConnection();
    const other = hub.open(second as unknown as ChannelConnection);
    other.ready({ ...HELLO, worker: 1 });
    openFlow(other, 4, { remoteAddress: address });
    if (loss === 'flow') frame(channel, FrameType.flowClosed, 3, 0, { reason: 'reset' });
    else channel.closed('ended');
    const isSent = origin().respond(8, true, MESSAGE);
    assert.equal(isSent, second.written.length === 1);
    assert.equal(connection.written.length, 0);
    return second.written;
  }

  it('takes another one of the same peer, outside of any exchange', () => {
    const [written] = lost('flow', '192.0.2.3');
    assert.deepEqual([written?.flags, written?.flow, written?.exchange], [0, 4, 0]);
  });

  it('goes to no other address', () => assert.equal(lost('flow', '192.0.2.77').length, 0));

  it('is not given twice where the proxy has answered for a lost channel', () =>
    assert.equal(lost('channel', '192.0.2.3').length, 0));
});

describe('the way back to a partner', () => {
  function answered(hasCredit: boolean) {
    const connection = new FakeConnection();
    connection.hasCredit = hasCredit;
    const responses: boolean[] = [];
    const hub = new ChannelHub(
      {
        request: (_index, flow, exchange) => {
          flow.allowReuse();
          responses.push(
            flow.respond(exchange, false, MESSAGE),
            flow.respond(exchange, true, MESSAGE),
          );
        },
        response: () => undefined,
        sent: () => undefined,
        transportFailed: () => undefined,
        sighted: () => undefined,
        linkLost: (link) => {
          responses.push((link as unknown as Way).carry(1, MESSAGE) !== undefined);
        },
        channelReady: () => undefined,
        channelClosed: () => undefined,
        snapshotAnswered: () => undefined,
        certificateRequested: () => undefined,
        audit: () => undefined,
        report: () => undefined,
      },
      HUB_POLICY,
      new MessageIndex(LIMITS),
    );
    const channel = hub.open(connection as unknown as ChannelConnection);
    channel.ready(HELLO);
    openFlow(channel, 3);
    frame(channel, FrameType.sip, 3, 8, fromPartner('MESSAGE'));
    return { connection, channel, hub, responses };
  }

  for (const hasCredit of [true, false]) {
    it(`is the flow itself, final responses marked${hasCredit ? '' : ', without credit too'}`, () => {
      const { connection, responses } = answered(hasCredit);
      assert.deepEqual(responses, [true, true]);
      const rows = connection.written.map(({ type, flags, flow, exchange }) => [
        type,
        flags,
        flow,
        exchange,
      ]);
      assert.deepEqual(rows, [
        [FrameType.sip, 0, 3, 8],
        [FrameType.sip, FLAG_FINAL, 3, 8],
      ]);
      assert.equal(connection.written[0]?.bytes.toString('latin1'), fromPartner('MESSAGE'));
    });
  }

  it('carries requests once its peer allowed it (RFC 5923 §8), until the flow is gone', () => {
    const { connection, channel, hub, responses } = answered(true);
    assert.equal(hub.way(target())?.carry(5, MESSAGE)?.flow, 'edge-1/0/3');
    frame(channel, FrameType.flowClosed, 3, 0, { reason: 'idle' });
    assert.deepEqual(responses, [true, true, false]);
    assert.equal(connection.written.length, 3);
  });
});
