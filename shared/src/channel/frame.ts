/** Frame types of the channel between a proxy and a gateway; the numbers are the wire format. */
export const FrameType = {
  hello: 1,
  snapshot: 2,
  snapshotResult: 3,
  flowOpened: 4,
  flowClosed: 5,
  closeFlow: 6,
  sip: 7,
  sipTo: 8,
  sendFailed: 9,
  sent: 10,
  credit: 11,
  ping: 12,
  pong: 13,
  drain: 14,
  log: 15,
  metrics: 16,
  certificateRequest: 18,
  certificateIssued: 19,
  probe: 20,
  probeResult: 21,
  auditRecords: 22,
  auditSpooled: 23,
  auditAck: 24,
  auditCheckpoint: 25,
  auditCosigned: 26,
  askTime: 27,
  tellTime: 28,
  abandoned: 29,
} as const;

/** On a `sip` frame from a gateway: this is the final response of its exchange. */
export const FLAG_FINAL = 1;

/** Header, big endian: u32 payload length, u8 type, u8 flags, u16 zero, u32 flow, u32 exchange. */
export const FRAME_HEADER_BYTES = 16;

/** The last number of an exchange; whoever counts further starts over, and 0 is none. */
export const EXCHANGE_MAX = 0xff_ff_ff_ff;

/** The largest SIP message that crosses the channel, with room for what the gateway adds to it. */
export const SIP_BYTES_MAX = 524_288;

/** The largest JSON target in front of the SIP bytes of a `sipTo` frame. */
export const SIP_TO_TARGET_BYTES_MAX = 32_768;

/** The largest `auditRecords` payload: the epoch, then whole records. */
export const AUDIT_RECORDS_BYTES_MAX = 65_536;

/** The largest `auditSpooled` payload: the blob's number, then the sealed blob. */
export const AUDIT_SPOOLED_BYTES_MAX = 327_680;

/** What a peer did wrong in framing: nothing after it can be understood, so the channel closes. */
export type FrameFault =
  | 'frame-type-unknown'
  | 'frame-too-large'
  | 'frame-flags-unknown'
  | 'frame-reserved-not-zero'
  | 'frame-not-allowed-from-role';

/** Which end of the channel one is. */
export type ChannelRole = 'proxy' | 'gateway';

const PROXY = 1;
const GATEWAY = 2;
const BOTH = PROXY | GATEWAY;

/** Per type: largest payload, and who may send it. A proxy with stolen keys is still only a proxy. */
const RULES: readonly (readonly [type: number, payloadBytesMax: number, sentBy: number])[] = [
  [FrameType.hello, 4096, BOTH],
  [FrameType.snapshot, 67_108_864, GATEWAY],
  [FrameType.snapshotResult, 65_536, PROXY],
  [FrameType.flowOpened, 524_288, PROXY],
  [FrameType.flowClosed, 1024, PROXY],
  [FrameType.closeFlow, 1024, GATEWAY],
  [FrameType.sip, SIP_BYTES_MAX, BOTH],
  [FrameType.sipTo, SIP_BYTES_MAX + SIP_TO_TARGET_BYTES_MAX + 2, GATEWAY],
  [FrameType.sendFailed, 2048, PROXY],
  [FrameType.sent, 1024, PROXY],
  [FrameType.credit, 0, BOTH],
  [FrameType.ping, 0, BOTH],
  [FrameType.pong, 0, BOTH],
  [FrameType.drain, 0, BOTH],
  [FrameType.log, 16_384, PROXY],
  [FrameType.metrics, 65_536, PROXY],
  [FrameType.certificateRequest, 16_384, PROXY],
  [FrameType.certificateIssued, 16_384, GATEWAY],
  [FrameType.probe, 1024, GATEWAY],
  [FrameType.probeResult, 262_144, PROXY],
  [FrameType.auditRecords, AUDIT_RECORDS_BYTES_MAX, PROXY],
  [FrameType.auditSpooled, AUDIT_SPOOLED_BYTES_MAX, PROXY],
  [FrameType.auditAck, 12, GATEWAY],
  [FrameType.auditCheckpoint, 65_536, GATEWAY],
  [FrameType.auditCosigned, 4096, PROXY],
  [FrameType.askTime, 0, BOTH],
  [FrameType.tellTime, 8, BOTH],
  [FrameType.abandoned, 0, GATEWAY],
];

const PAYLOAD_BYTES_MAX = new Uint32Array(256);
const SENT_BY = new Uint8Array(256);
for (const [type, payloadBytesMax, sentBy] of RULES) {
  PAYLOAD_BYTES_MAX[type] = payloadBytesMax;
  SENT_BY[type] = sentBy;
}

/** The largest payload a frame of this type may carry; 0 also for types that do not exist. */
export function payloadBytesMax(type: number): number {
  return PAYLOAD_BYTES_MAX[type] ?? 0;
}

/** Writes a header at `at`; the payload follows it. Returns where the payload starts. */
export function encodeFrameHeader(
  into: Buffer,
  at: number,
  payloadBytes: number,
  type: number,
  flags: number,
  flow: number,
  exchange: number,
): number {
  putU32(into, at, payloadBytes);
  into[at + 4] = type;
  into[at + 5] = flags;
  into[at + 6] = 0;
  into[at + 7] = 0;
  putU32(into, at + 8, flow);
  putU32(into, at + 12, exchange);
  return at + FRAME_HEADER_BYTES;
}

/** What is wrong with the header at `at` when `from` sent it, or undefined. */
export function frameFault(bytes: Buffer, at: number, from: ChannelRole): FrameFault | undefined {
  const type = bytes[at + 4] as number;
  const sentBy = SENT_BY[type] as number;
  if (sentBy === 0) return 'frame-type-unknown';
  if ((sentBy & (from === 'proxy' ? PROXY : GATEWAY)) === 0) return 'frame-not-allowed-from-role';
  const flags = bytes[at + 5] as number;
  if (flags !== 0 && (flags !== FLAG_FINAL || type !== FrameType.sip || from !== 'gateway')) {
    return 'frame-flags-unknown';
  }
  if (bytes[at + 6] !== 0 || bytes[at + 7] !== 0) return 'frame-reserved-not-zero';
  if (readU32(bytes, at) > (PAYLOAD_BYTES_MAX[type] as number)) return 'frame-too-large';
  return undefined;
}

/** Big endian, without the bounds checks of `Buffer.readUInt32BE`: callers know that four bytes are there. */
export function readU32(bytes: Buffer, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

function putU32(into: Buffer, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}
