import { randomBytes } from 'node:crypto';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import {
  encodeFrameHeader,
  FRAME_HEADER_BYTES,
  FrameType,
} from '@sallyport/shared/channel/frame.ts';
import { requestText } from '../../integration/support/pair-message.ts';
import { PARTNER_DOMAIN } from '../support/addresses.ts';

/** Runs that nobody else has. */
export const EPOCH = 0x5a11_0000_0000_0000n;
/** An own run for each channel, so that none is judged by what another did. */
let runs = EPOCH;
export const OUR_DOMAIN = 'acme.example';

/** One frame, whatever it says. */
export function frame(type: number, payload: string | Buffer | object, flow = 0, exchange = 0) {
  const bytes =
    payload instanceof Buffer
      ? payload
      : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload), 'latin1');
  return Buffer.concat([head(bytes.length, type, flow, exchange), bytes]);
}

/** The head of a frame alone. */
export function head(length: number, type: number, flow = 0, exchange = 0, flags = 0): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  encodeFrameHeader(header, 0, length, type, flags, flow, exchange);
  return header;
}

/** A flow as he announces it; he names partners and domains as he likes. */
export function opened(flow: number, change: object = {}): Buffer {
  return frame(
    FrameType.flowOpened,
    {
      partner: 'partner',
      identities: [PARTNER_DOMAIN],
      ownIdentity: 'main',
      ownKey: `${'A'.repeat(43)}=`,
      trustSet: 'file',
      certificate: { spki: `${'B'.repeat(43)}=`, fingerprint: '0f'.repeat(32), notAfterMs: 2 },
      sightings: [],
      direction: 'inbound',
      remoteAddress: '198.18.0.7',
      remotePort: 5061,
      localPort: 5061,
      openedAtMs: 1,
      tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
      ...change,
    },
    flow,
  );
}

/** A message as somebody writes it, whoever that is. */
export function message(from: string, to: string, flow: number, exchange: number): Buffer {
  const text = requestText('MESSAGE', {
    uri: `sip:${to}`,
    from: `<sip:${from}>`,
    to: `<sip:${to}>`,
    sentBy: PARTNER_DOMAIN,
    callId: `forged-${randomBytes(6).toString('hex')}`,
    headers: ['Content-Type: text/plain'],
    body: 'x',
  });
  return frame(FrameType.sip, text, flow, exchange);
}

/** As many frames as wanted, in batches that memory holds. */
export function* repeated(
  count: number,
  make: (at: number) => Buffer,
  batch = 500,
): Iterable<Buffer> {
  for (let at = 0; at < count; at += batch) {
    const size = Math.min(batch, count - at);
    yield Buffer.concat(Array.from({ length: size }, (_, more) => make(at + more)));
  }
}

/** A request that was never let through. */
export function record(seq: number, callId = 'forged'): Buffer {
  return encodeRecord({ type: 'message-admitted', timeMs: Date.now(), seq, fields: { callId } });
}

/** The beginning of a run, by whomever. */
export function streamOpened(node: string, epoch: bigint): Buffer {
  const fields = { node, worker: 0, epoch, programVersion: 'forged' };
  return encodeRecord({ type: 'stream-opened', timeMs: Date.now(), seq: 0, fields });
}

/** A seal that no key has made. */
export function seal(seq: number): Buffer {
  return encodeRecord({
    type: 'seal',
    timeMs: Date.now(),
    seq,
    fields: {
      firstSeq: 0,
      lastSeq: seq - 1,
      recordsHash: randomBytes(32),
      signature: randomBytes(64),
    },
  });
}

/** Records of a run. */
export function audit(epoch: bigint, ...records: readonly Buffer[]): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(epoch);
  return frame(FrameType.auditRecords, Buffer.concat([bytes, ...records]));
}

/** A run that has not been named yet. */
export function nextRun(): bigint {
  runs += 1n;
  return runs;
}

/** `u64` number, then what is no blob. */
export function blob(): Buffer {
  return frame(FrameType.auditSpooled, randomBytes(1024));
}
