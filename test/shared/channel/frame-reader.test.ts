import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  encodeFrameHeader,
  FRAME_HEADER_BYTES,
  type FrameFault,
  FrameType,
  payloadBytesMax,
} from '@sallyport/shared/channel/frame.ts';
import { FrameReader } from '@sallyport/shared/channel/frame-reader.ts';
import fc from 'fast-check';

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly flow: number;
  readonly exchange: number;
  readonly payload: string;
}

const u32 = fc.integer({ min: 0, max: 0xff_ff_ff_ff });
const anyFrame: fc.Arbitrary<Frame> = fc.record(
  {
    type: fc.constantFrom(FrameType.sip, FrameType.sipTo, FrameType.snapshot, FrameType.closeFlow),
    flags: fc.constant(0),
    flow: u32,
    exchange: u32,
    payload: fc.string({ maxLength: 200, unit: 'binary-ascii' }),
  },
  { noNullPrototype: true },
);

function wireOf(frames: readonly Frame[]): Buffer {
  return Buffer.concat(
    frames.map(({ type, flags, flow, exchange, payload }) => {
      const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.length);
      const at = encodeFrameHeader(bytes, 0, payload.length, type, flags, flow, exchange);
      bytes.write(payload, at, 'latin1');
      return bytes;
    }),
  );
}

/** Pushes the chunks through one buffer that is overwritten after each, as a socket's is. */
function readAll(chunks: readonly Buffer[]): { frames: Frame[]; faults: FrameFault[] } {
  const frames: Frame[] = [];
  const faults: FrameFault[] = [];
  const reader = new FrameReader('gateway', {
    frame: (type, flags, flow, exchange, bytes, start, end) =>
      frames.push({ type, flags, flow, exchange, payload: bytes.toString('latin1', start, end) }),
    fault: (fault) => faults.push(fault),
  });
  const shared = Buffer.alloc(1_048_576);
  for (const chunk of chunks) {
    chunk.copy(shared, 3);
    reader.push(shared, 3, 3 + chunk.length);
    shared.fill(0xee, 3, 3 + chunk.length);
  }
  return { frames, faults };
}

function cut(wire: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    chunks.push(wire.subarray(at, at + length));
    at += length;
  }
  chunks.push(wire.subarray(at));
  return chunks;
}

describe('frame reader', () => {
  it('gives the same frames however the stream is split', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 40 }),
        (frames, lengths) => {
          assert.deepEqual(readAll(cut(wireOf(frames), lengths)), { frames, faults: [] });
        },
      ),
    );
  });

  it('gives a frame byte by byte', () => {
    const frames = [{ type: FrameType.sip, flags: 1, flow: 5, exchange: 6, payload: 'OPTIONS' }];
    const wire = wireOf([...frames, ...frames]);
    const chunks = [...wire].map((byte) => Buffer.of(byte));
    assert.deepEqual(readAll(chunks).frames, [...frames, ...frames]);
  });

  it('gathers a large frame from many chunks, and a small one after it', () => {
    const large = {
      type: FrameType.snapshot,
      flags: 0,
      flow: 0,
      exchange: 0,
      payload: 'snapshot'.repeat(50_000),
    };
    const small = { ...large, payload: 'x' };
    const wire = wireOf([large, small, large, small]);
    const chunks = cut(
      wire,
      Array.from({ length: 100 }, () => 9001),
    );
    assert.deepEqual(readAll(chunks), { frames: [large, small, large, small], faults: [] });
  });

  it('takes the largest payload of a type and not one byte more', () => {
    const max = payloadBytesMax(FrameType.closeFlow);
    const whole = {
      type: FrameType.closeFlow,
      flags: 0,
      flow: 1,
      exchange: 0,
      payload: 'x'.repeat(max),
    };
    assert.deepEqual(readAll([wireOf([whole])]), { frames: [whole], faults: [] });
    const larger = { ...whole, payload: `${whole.payload}x` };
    assert.deepEqual(readAll([wireOf([larger])]), { frames: [], faults: ['frame-too-large'] });
  });

  for (const splitAt of [0, 1, 15, 16, 17]) {
    it(`delivers nothing after a fault, split at ${splitAt}`, () => {
      const good = { type: FrameType.sip, flags: 0, flow: 1, exchange: 0, payload: 'x' };
      const bad = { ...good, flags: 4 };
      const wire = wireOf([good, bad, good]);
      const at = FRAME_HEADER_BYTES + 1 + splitAt;
      const read = readAll([wire.subarray(0, at), wire.subarray(at), wireOf([good])]);
      assert.deepEqual(read, { frames: [good], faults: ['frame-flags-unknown'] });
    });
  }

  it('delivers nothing after its owner stopped it within a call', () => {
    let seen = 0;
    const reader = new FrameReader('gateway', {
      frame: () => {
        seen++;
        reader.stop();
      },
      fault: () => assert.fail('no fault'),
    });
    const frame = { type: FrameType.sip, flags: 0, flow: 1, exchange: 0, payload: 'x' };
    const wire = wireOf([frame, frame, frame]);
    reader.push(wire, 0, wire.length - 5);
    reader.push(wire, wire.length - 5, wire.length);
    assert.equal(seen, 1);
  });
});
