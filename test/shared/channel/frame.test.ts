import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  type ChannelRole,
  encodeFrameHeader,
  FLAG_FINAL,
  FRAME_HEADER_BYTES,
  FrameType,
  frameFault,
  payloadBytesMax,
  readU32,
  SIP_BYTES_MAX,
} from '@sallyport/shared/channel/frame.ts';

interface FrameVector {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly flow: number;
  readonly exchange: number;
  readonly payload: string;
  readonly from: ChannelRole;
  readonly wire: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/channel/frames.json', import.meta.url), 'utf8'),
) as FrameVector[];

describe('channel frame on the wire', () => {
  for (const vector of vectors) {
    it(vector.name, () => {
      const payload = Buffer.from(vector.payload, 'hex');
      const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.length, 0xff);
      const { type, flags, flow, exchange } = vector;
      payload.copy(bytes, encodeFrameHeader(bytes, 0, payload.length, type, flags, flow, exchange));
      assert.equal(bytes.toString('hex'), vector.wire);
      assert.equal(frameFault(bytes, 0, vector.from), undefined);
      assert.equal(readU32(bytes, 8), flow);
      assert.equal(readU32(bytes, 12), exchange);
    });
  }
});

const SIP = FrameType.sip;

//  what it is                        from       length             type  flags reserved  fault
const faults: readonly (readonly [
  string,
  ChannelRole,
  number,
  number,
  number,
  number,
  string | undefined,
])[] = [
  ['type 0', 'proxy', 0, 0, 0, 0, 'frame-type-unknown'],
  ['type 17', 'proxy', 0, 17, 0, 0, 'frame-type-unknown'],
  ['type 255', 'gateway', 0, 255, 0, 0, 'frame-type-unknown'],
  ['largest SIP', 'proxy', SIP_BYTES_MAX, SIP, 0, 0, undefined],
  ['SIP too large', 'proxy', SIP_BYTES_MAX + 1, SIP, 0, 0, 'frame-too-large'],
  ['length with the sign bit', 'proxy', 0xff_ff_ff_ff, SIP, 0, 0, 'frame-too-large'],
  ['ping with a payload', 'proxy', 1, FrameType.ping, 0, 0, 'frame-too-large'],
  ['final from a gateway', 'gateway', 1, SIP, FLAG_FINAL, 0, undefined],
  ['final from a proxy', 'proxy', 1, SIP, FLAG_FINAL, 0, 'frame-flags-unknown'],
  ['final on sipTo', 'gateway', 1, FrameType.sipTo, FLAG_FINAL, 0, 'frame-flags-unknown'],
  ['another flag', 'gateway', 1, SIP, 2, 0, 'frame-flags-unknown'],
  ['reserved bits', 'gateway', 1, SIP, 0, 1, 'frame-reserved-not-zero'],
  ['reserved high byte', 'gateway', 1, SIP, 0, 256, 'frame-reserved-not-zero'],
];

/** The types that one end alone may send; all others go both ways. */
const ONE_WAY: Readonly<Record<string, ChannelRole>> = {
  snapshot: 'gateway',
  closeFlow: 'gateway',
  sipTo: 'gateway',
  snapshotResult: 'proxy',
  flowOpened: 'proxy',
  flowClosed: 'proxy',
  sendFailed: 'proxy',
  sent: 'proxy',
  log: 'proxy',
  metrics: 'proxy',
  certificateRequest: 'proxy',
  certificateIssued: 'gateway',
  probe: 'gateway',
  probeResult: 'proxy',
  auditRecords: 'proxy',
  auditSpooled: 'proxy',
  auditAck: 'gateway',
  auditCheckpoint: 'gateway',
  auditCosigned: 'proxy',
  abandoned: 'gateway',
};

describe('faults of a frame header', () => {
  for (const [what, from, length, type, flags, reserved, fault] of faults) {
    it(`${what}: ${fault ?? 'none'}`, () => {
      const header = Buffer.alloc(FRAME_HEADER_BYTES);
      encodeFrameHeader(header, 0, length, type, flags, 1, 1);
      header.writeUInt16BE(reserved, 6);
      assert.equal(frameFault(header, 0, from), fault);
    });
  }

  for (const [name, type] of Object.entries(FrameType)) {
    for (const from of ['proxy', 'gateway'] as const) {
      const isAllowed = (ONE_WAY[name] ?? from) === from;
      it(`${name} from a ${from} is ${isAllowed ? 'taken' : 'refused'}`, () => {
        const header = Buffer.alloc(FRAME_HEADER_BYTES);
        encodeFrameHeader(header, 0, payloadBytesMax(type), type, 0, 0, 0);
        assert.equal(
          frameFault(header, 0, from),
          isAllowed ? undefined : 'frame-not-allowed-from-role',
        );
      });
    }
  }
});
