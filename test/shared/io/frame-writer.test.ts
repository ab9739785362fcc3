import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ChannelRole, FrameType } from '@sallyport/shared/channel/frame.ts';
import { FrameReader } from '@sallyport/shared/channel/frame-reader.ts';
import { BufferPool } from '@sallyport/shared/io/buffer-pool.ts';
import { everyTurn } from '@sallyport/shared/io/flush-schedule.ts';
import { FrameWriter, WINDOW_BYTES_MAX } from '@sallyport/shared/io/frame-writer.ts';
import { OutputBuffer } from '@sallyport/shared/io/output-buffer.ts';
import { helloOf } from './channel-fixture.ts';

const WINDOW = 1_100_000;
const PEER = helloOf('gateway', { creditBytes: 2 * WINDOW, flowCreditBytes: WINDOW });
const LIMITS = { flowQueueBytesMax: 600_000, queueBytesMax: 1_000_000 };
const BIG = Buffer.alloc(500_000, 0x41);

function setUp(from: ChannelRole = 'gateway') {
  const events: string[] = [];
  const frames: string[] = [];
  const reader = new FrameReader(from, {
    frame: (type, flags, flow, exchange, _bytes, start, end) =>
      frames.push(`${type}.${flags} flow ${flow} exchange ${exchange}: ${end - start}`),
    fault: (fault) => assert.fail(fault),
  });
  const output = new OutputBuffer(
    {
      write: (chunk, done) => {
        reader.push(chunk, 0, chunk.length);
        done();
        return true;
      },
    },
    {
      pool: new BufferPool(65_536, 4),
      schedule: everyTurn,
      highWaterBytes: Number.POSITIVE_INFINITY,
      drained: () => undefined,
    },
  );
  const writer = new FrameWriter(output, LIMITS, {
    flowWritable: (flow) => events.push(`writable ${flow}`),
    flowOverflow: (flow) => events.push(`overflow ${flow}`),
    channelOverflow: () => events.push('channel overflow'),
  });
  const sip = (flow: number, exchange: number, bytes = BIG, flags = 0): boolean =>
    writer.send(FrameType.sip, flags, flow, exchange, bytes, 0, bytes.length);
  const sent = (): string[] => {
    output.flush();
    return frames.splice(0);
  };
  return { writer, events, sip, sent };
}

describe('frame writer', () => {
  it('sends no message before it has been started, nor after it was stopped', () => {
    const { writer, sip, sent } = setUp();
    assert.equal(sip(1, 1), false);
    writer.start(PEER);
    assert.equal(sip(1, 2), true);
    writer.stop();
    assert.equal(sip(1, 3), false);
    assert.deepEqual(sent(), ['7.0 flow 1 exchange 2: 500000']);
  });

  it('sends a payload in two parts without credit, while it is open and as far as it fits', () => {
    const { writer, sent } = setUp('proxy');
    const head = Buffer.alloc(8);
    const rest = Buffer.alloc(65_530);
    const send = (end: number) =>
      writer.controlParts(FrameType.auditRecords, 3, head, rest, 0, end);
    assert.equal(send(10), false);
    writer.start(PEER);
    assert.deepEqual([send(10), send(65_528), send(65_529)], [true, true, false]);
    assert.equal(writer.controlParts(FrameType.auditCosigned, 4, head), true);
    writer.stop();
    assert.equal(send(10), false);
    assert.deepEqual(sent(), [
      '22.0 flow 0 exchange 3: 18',
      '22.0 flow 0 exchange 3: 65536',
      '26.0 flow 0 exchange 4: 8',
    ]);
  });

  it('keeps flags and numbers of a frame that had to wait', () => {
    const { writer, events, sip, sent } = setUp();
    writer.start(PEER);
    writer.openFlow(1);
    assert.deepEqual([sip(1, 1), sip(1, 2), sip(1, 3, BIG, 1)], [true, true, false]);
    assert.equal(sent().length, 2);
    assert.equal(writer.pendingBytes, 500_000);
    assert.equal(writer.creditReturned(1, 500_000), true);
    assert.deepEqual(sent(), ['7.1 flow 1 exchange 3: 500000']);
    assert.deepEqual(events, ['writable 1']);
  });

  it('leaves no more unsent than both programs grant, whatever a peer says that it takes', () => {
    const { writer, sip } = setUp();
    const boundless = 1_073_741_824;
    writer.start({ creditBytes: boundless, flowCreditBytes: boundless });
    let messages = 0;
    while (messages < 100 && sip(messages + 1, 0)) messages++;
    assert.equal(messages, Math.floor(WINDOW_BYTES_MAX / BIG.length));
    assert.equal(writer.creditReturned(0, messages * BIG.length), true);
    assert.equal(writer.creditReturned(0, WINDOW_BYTES_MAX), false);
  });

  it('lets control frames pass while messages wait', () => {
    const { writer, sip, sent } = setUp();
    writer.start(PEER);
    for (let n = 0; n < 6; n++) sip(n, n);
    assert.equal(sent().length, 4);
    writer.control(FrameType.ping, 0, 0);
    assert.deepEqual(sent(), ['12.0 flow 0 exchange 0: 0']);
  });

  it('condemns a flow that overflows, once, and takes it up again when it was forgotten', () => {
    const { writer, events, sip, sent } = setUp();
    writer.start(PEER);
    writer.openFlow(1);
    for (let n = 0; n < 8; n++) sip(1, n);
    assert.deepEqual(events, ['overflow 1']);
    assert.equal(sent().length, 2);
    assert.equal(writer.pendingBytes, 0);
    writer.forgetFlow(1);
    assert.equal(sip(1, 9), true);
  });

  it('tells when the whole channel overflows', () => {
    const { writer, events, sip } = setUp();
    writer.start(PEER);
    for (let flow = 1; flow <= 7; flow++) sip(flow, 0);
    assert.deepEqual(events, ['channel overflow']);
  });

  it('reserves no room without credit for all of it', () => {
    const { writer, sip } = setUp();
    writer.start(PEER);
    writer.openFlow(1);
    sip(1, 1);
    assert.ok(writer.reserve(FrameType.sip, 0, 1, 2, 500_000));
    assert.equal(writer.commit(400_000), true);
    assert.equal(writer.reserve(FrameType.sip, 0, 1, 3, 300_000), undefined);
    assert.ok(writer.reserve(FrameType.sip, 0, 1, 3, 200_000), 'what was not used was not taken');
  });

  it('refuses credit that was never given', () => {
    const { writer, sip } = setUp();
    writer.start(PEER);
    writer.openFlow(1);
    sip(1, 1);
    assert.equal(writer.creditReturned(1, 500_001), false);
    assert.equal(writer.creditReturned(7, 500_001), true, 'a flow that has gone');
  });
});
