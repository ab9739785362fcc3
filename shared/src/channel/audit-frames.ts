import { err, ok, type Result } from '../result.ts';

/** A payload of an audit frame that cannot be read: the channel closes. */
export type AuditFrameFault = 'payload-malformed';

/** Payload of `auditRecords`: a run of the worker that sends it, and where its whole records lie. */
export interface AuditRecordsFrame {
  readonly epoch: bigint;
  readonly recordsStart: number;
}

/** Payload of `auditSpooled`: the number to acknowledge it by, and where the sealed blob starts. */
export interface AuditSpooledFrame {
  readonly blob: bigint;
  readonly boxStart: number;
}

/** What a sealed blob holds once it is opened: whose run, and where its whole records lie. */
export interface AuditSpool {
  readonly worker: number;
  readonly epoch: bigint;
  readonly recordsStart: number;
}

/** Payload of `auditAck`: everything up to a record, or one blob, is durable at the gateway. */
export type AuditAck =
  | { readonly of: 'records'; readonly epoch: bigint; readonly seq: number }
  | { readonly of: 'blob'; readonly blob: bigint };

/** Payload of `auditCosigned`: the answer to a checkpoint, with the status of C2SP tlog-witness. */
export interface AuditCosigned {
  readonly status: number;
  /** 200: cosignature lines; 409: the size cosigned last, in decimal; else empty. */
  readonly text: string;
}

/** Bytes in front of the records of an `auditRecords` frame. */
export const AUDIT_RECORDS_HEAD_BYTES = 8;
/** Of an acknowledgement of records: epoch and number. */
export const AUDIT_ACK_BYTES = 12;
/** Bytes in front of the records within a blob. */
export const AUDIT_SPOOL_HEAD_BYTES = 10;
/** What a blob is sealed with, so that no other sealed thing is taken for one. */
export const AUDIT_SPOOL_INFO = 'sallyport audit spool';

const SPOOL_VERSION = 1;
const RECORD_BYTES_MIN = 14;
const MALFORMED: Result<never, AuditFrameFault> = err('payload-malformed');

/** u64 epoch, then whole records, of which there is at least one. */
export function decodeAuditRecords(
  bytes: Buffer,
  start: number,
  end: number,
): Result<AuditRecordsFrame, AuditFrameFault> {
  if (end - start < AUDIT_RECORDS_HEAD_BYTES + RECORD_BYTES_MIN) return MALFORMED;
  const recordsStart = start + AUDIT_RECORDS_HEAD_BYTES;
  return ok({ epoch: bytes.readBigUInt64BE(start), recordsStart });
}

/** u64 number of the blob, then the blob. */
export function encodeAuditSpooled(blob: bigint, box: Buffer): Buffer {
  const payload = Buffer.allocUnsafe(8 + box.length);
  payload.writeBigUInt64BE(blob, 0);
  box.copy(payload, 8);
  return payload;
}

/** The other way round; the blob is not empty. */
export function decodeAuditSpooled(
  bytes: Buffer,
  start: number,
  end: number,
): Result<AuditSpooledFrame, AuditFrameFault> {
  if (end - start <= 8) return MALFORMED;
  return ok({ blob: bytes.readBigUInt64BE(start), boxStart: start + 8 });
}

/** u8 version, u8 worker, u64 epoch, in front of the records: a blob may outlive the worker that wrote it. */
export function putAuditSpoolHead(into: Buffer, worker: number, epoch: bigint): void {
  into[0] = SPOOL_VERSION;
  into[1] = worker;
  into.writeBigUInt64BE(epoch, 2);
}

/** Reads what `putAuditSpoolHead` wrote, in an opened blob. */
export function decodeAuditSpool(plain: Buffer): Result<AuditSpool, AuditFrameFault> {
  const isWhole = plain.length >= AUDIT_SPOOL_HEAD_BYTES + RECORD_BYTES_MIN;
  if (!isWhole || plain[0] !== SPOOL_VERSION) return MALFORMED;
  return ok({
    worker: plain[1] as number,
    epoch: plain.readBigUInt64BE(2),
    recordsStart: AUDIT_SPOOL_HEAD_BYTES,
  });
}

/** u64 epoch and u32 seq, or u64 number of a blob. */
export function encodeAuditAck(ack: AuditAck): Buffer {
  const isOfRecords = ack.of === 'records';
  const payload = Buffer.allocUnsafe(isOfRecords ? AUDIT_ACK_BYTES : 8);
  payload.writeBigUInt64BE(isOfRecords ? ack.epoch : ack.blob, 0);
  if (isOfRecords) payload.writeUInt32BE(ack.seq, 8);
  return payload;
}

/** Told apart by their length. */
export function decodeAuditAck(
  bytes: Buffer,
  start: number,
  end: number,
): Result<AuditAck, AuditFrameFault> {
  const length = end - start;
  if (length !== 8 && length !== AUDIT_ACK_BYTES) return MALFORMED;
  const first = bytes.readBigUInt64BE(start);
  if (length === 8) return ok({ of: 'blob', blob: first });
  return ok({ of: 'records', epoch: first, seq: bytes.readUInt32BE(start + 8) });
}

/** u16 status, then the text. */
export function encodeAuditCosigned({ status, text }: AuditCosigned): Buffer {
  const payload = Buffer.from(`  ${text}`, 'utf8');
  payload.writeUInt16BE(status, 0);
  return payload;
}

/** The other way round; the text is UTF-8 or nothing. */
export function decodeAuditCosigned(
  bytes: Buffer,
  start: number,
  end: number,
): Result<AuditCosigned, AuditFrameFault> {
  if (end - start < 2) return MALFORMED;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start + 2, end));
    return ok({ status: bytes.readUInt16BE(start), text });
  } catch {
    return MALFORMED;
  }
}
