import { encodeRecord } from '@sallyport/shared/audit/record.ts';

/** One run of one worker. */
export const EPOCH = 77n;

/** The records of a worker under traffic, by number: a request and its answer in turn, each request with a Call-ID of its own. */
export function recordAt(seq: number, timeMs: number): Buffer {
  if (seq === 0) {
    const fields = { node: 'edge-1', worker: 0, epoch: EPOCH, programVersion: '0.1.0' };
    return encodeRecord({ type: 'stream-opened', timeMs, seq, fields });
  }
  if (seq % 2 === 0) {
    const fields = { connection: 3, requestSeq: seq - 1, status: 200, toTag: `t${seq}`, size: 300 };
    return encodeRecord({ type: 'message-answered', timeMs, seq, fields });
  }
  return encodeRecord({
    type: 'message-admitted',
    timeMs,
    seq,
    fields: {
      connection: 3,
      source: '192.0.2.7',
      partner: `partner-${seq % 40}`,
      requestUri: 'sip:bob@home.example',
      cseq: '1 MESSAGE',
      callId: callIdAt(seq),
      from: `sip:user${seq % 5000}@acme.example`,
      fromTag: `f${seq}`,
      serverTransaction: `z9hG4bK776asdhds${seq}`,
      size: 500,
    },
  });
}

/** The Call-ID of the request with that odd number. */
export function callIdAt(seq: number): string {
  return `c${seq}-a84b4c76e66710@pc33.acme.example`;
}
