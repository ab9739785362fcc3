import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Egress, type EgressOptions } from '@sallyport/dmz-proxy/edge/egress.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import { encodeSipTarget } from '@sallyport/shared/channel/delivery.ts';
import { FLAG_FINAL, FrameType } from '@sallyport/shared/channel/frame.ts';
import { request, responseTo } from '../../integration/support/sip-text.ts';
import { recordedLink } from '../edge-fixture.ts';

describe('the way out', () => {
  let log: string[];
  let egress: Egress;
  let flow: Flow;
  let closedFor: string | undefined;
  let isClosed = false;
  const { link, channel } = recordedLink('gateway-1');
  beforeEach(() => {
    log = [];
    isClosed = false;
    channel.frames.length = 0;
    flow = {
      isEnding: false,
      writeRequest: (bytes: Buffer, start: number, end: number) =>
        log.push(`request ${bytes.toString('latin1', start, end).slice(0, 7)}`),
      write: (bytes: Buffer, start: number, end: number) =>
        log.push(`write ${bytes.toString('latin1', start, end).slice(0, 11)}`),
      consume: (_owner: unknown, bytes: number) => log.push(`consume ${bytes}`),
      close: (reason: string) => {
        closedFor = reason;
      },
    } as unknown as Flow;
    egress = new Egress({
      flows: { find: (id: number) => (id === 7 ? flow : undefined) },
      ingress: {
        answered: (_link: unknown, exchange: number, isFinal: boolean) =>
          log.push(`answered ${exchange} ${isFinal}`),
        abandoned: (_link: unknown, exchange: number) => log.push(`abandoned ${exchange}`),
      },
      outbound: {
        send: (_link: unknown, target: { uri: string }, exchange: number) =>
          log.push(`send ${exchange} ${target.uri}`),
      },
      counters: new Counters(),
      snapshots: { offer: () => ({ version: 3, accepted: true }) },
      audit: {
        get isClosed() {
          return isClosed;
        },
        messages: {
          sent: (_flow: Flow, _bytes: Buffer, start: number, end: number) =>
            log.push(`on record ${end - start}`),
          answeredElsewhere: (_flow: Flow, _bytes: Buffer, start: number, end: number) =>
            log.push(`answer on record ${end - start}`),
        },
        acknowledged: (_link: unknown, _bytes: Buffer, start: number, end: number) =>
          log.push(`acknowledged ${end - start}`),
        checkpoint: (
          _link: unknown,
          exchange: number,
          _bytes: Buffer,
          start: number,
          end: number,
        ) => log.push(`checkpoint ${exchange} ${end - start}`),
      },
    } as unknown as EgressOptions);
  });
  const receive = (
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    payload: Buffer,
  ) => {
    const framed = Buffer.concat([Buffer.alloc(16), payload]);
    egress.frame(link, type, flags, flow, exchange, framed, 16, framed.length);
  };

  it('writes a response to its flow, and settles the request it ends', () => {
    const response = Buffer.from(responseTo(request(), '200 OK'));
    receive(FrameType.sip, FLAG_FINAL, 7, 5, response);
    assert.deepEqual(log, ['answered 5 true', 'write SIP/2.0 200', `consume ${response.length}`]);
  });

  it('settles a request also when its flow is gone, and says so of a request alone', () => {
    receive(FrameType.sip, FLAG_FINAL, 8, 5, Buffer.from(responseTo(request(), '200 OK')));
    assert.deepEqual(log, ['answered 5 true']);
    assert.deepEqual(channel.frames, []);
    receive(FrameType.sip, 0, 8, 6, Buffer.from(request()));
    assert.deepEqual(channel.frames, [
      { type: FrameType.sendFailed, flow: 0, exchange: 6, text: '{"reason":"flow-gone"}' },
    ]);
  });

  it('puts an answer on record that belongs to another connection’s request', () => {
    const response = Buffer.from(responseTo(request(), '200 OK'));
    receive(FrameType.sip, 0, 7, 0, response);
    assert.deepEqual(log, [
      `answer on record ${response.length}`,
      'write SIP/2.0 200',
      `consume ${response.length}`,
    ]);
  });

  it('settles a request that gets no answer', () => {
    receive(FrameType.abandoned, 0, 0, 5, Buffer.alloc(0));
    assert.deepEqual(log, ['abandoned 5']);
  });

  it('hands acknowledgements and checkpoints to the audit', () => {
    receive(FrameType.auditAck, 0, 0, 0, Buffer.alloc(12));
    receive(FrameType.auditCheckpoint, 0, 0, 6, Buffer.alloc(5));
    assert.deepEqual(log, ['acknowledged 12', 'checkpoint 6 5']);
  });

  it('sends no request that cannot be put on record, and says so', () => {
    isClosed = true;
    Object.assign(flow, { takesRequests: true });
    const message = Buffer.from(request());
    receive(FrameType.sip, 0, 7, 6, message);
    assert.deepEqual(log, [`consume ${message.length}`]);
    assert.deepEqual(channel.frames, [
      { type: FrameType.sendFailed, flow: 0, exchange: 6, text: '{"reason":"limit"}' },
    ]);
  });

  it('lets what is under way come to its end on a flow that ends, and nothing new begin', () => {
    Object.assign(flow, { isEnding: true });
    const response = Buffer.from(responseTo(request(), '200 OK'));
    receive(FrameType.sip, FLAG_FINAL, 7, 5, response);
    const ack = Buffer.from(request({ method: 'ACK' }));
    receive(FrameType.sip, 0, 7, 0, ack);
    const message = Buffer.from(request());
    receive(FrameType.sip, 0, 7, 6, message);
    assert.deepEqual(log, [
      'answered 5 true',
      'write SIP/2.0 200',
      `consume ${response.length}`,
      `on record ${ack.length}`,
      'request ACK sip',
      `consume ${ack.length}`,
      `consume ${message.length}`,
    ]);
    assert.deepEqual(channel.frames, [
      { type: FrameType.sendFailed, flow: 0, exchange: 6, text: '{"reason":"flow-gone"}' },
    ]);
  });

  it('hands a request for a next hop on, and closes a channel that garbles one', () => {
    const target = encodeSipTarget({ partner: 'globex', uri: 'sip:globex.example', avoid: [] });
    receive(FrameType.sipTo, 0, 0, 9, Buffer.concat([target, Buffer.from(request())]));
    assert.deepEqual(log, ['send 9 sip:globex.example']);
    receive(FrameType.sipTo, 0, 0, 9, Buffer.from([0, 200, 1]));
    assert.equal(channel.closedFor, 'payload-malformed');
  });

  it('closes a flow for the reason given, and answers a snapshot', () => {
    receive(FrameType.closeFlow, 0, 7, 0, Buffer.from('{"reason":"severed"}'));
    assert.equal(closedFor, 'severed');
    receive(FrameType.closeFlow, 0, 8, 0, Buffer.from('{"reason":"severed"}'));
    receive(FrameType.snapshot, 0, 0, 0, Buffer.from('x'));
    assert.equal(
      channel.ofType(FrameType.snapshotResult)[0]?.text,
      '{"version":3,"accepted":true}',
    );
  });
});
