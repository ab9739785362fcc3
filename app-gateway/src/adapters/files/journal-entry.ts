import { crc32 } from 'node:zlib';
import type { RecordSpan } from '../../ports/ledger-store.ts';

/** Starts every file of a journal: what it is, and in which version. */
export const JOURNAL_MAGIC = Buffer.from('sallyjn1', 'latin1');

/** u32 length of what follows the checksum, u32 CRC-32 of it. */
const HEADER_BYTES = 8;
/** u8 length of the node's name, the name, u8 worker, u64 epoch; then the records. */
const SPAN_HEAD_BYTES = 10;
/** Far above what any frame can hold: a length above it is no length. */
const PAYLOAD_BYTES_MAX = 1_048_576;

/** The largest entry of a journal. */
export const ENTRY_BYTES_MAX = HEADER_BYTES + PAYLOAD_BYTES_MAX;

/** A span as it lies in a journal. Larger than an entry may be is the caller's bug. */
export function encodeEntry({ source, records }: RecordSpan): Buffer {
  const node = Buffer.from(source.node, 'utf8');
  const payloadBytes = SPAN_HEAD_BYTES + node.length + records.length;
  if (node.length > 255 || payloadBytes > PAYLOAD_BYTES_MAX)
    throw new RangeError('entry too large');
  const entry = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes);
  let at = entry.writeUInt8(node.length, HEADER_BYTES);
  at += node.copy(entry, at);
  at = entry.writeUInt8(source.worker, at);
  at = entry.writeBigUInt64BE(source.epoch, at);
  records.copy(entry, at);
  entry.writeUInt32BE(payloadBytes, 0);
  entry.writeUInt32BE(crc32(entry.subarray(HEADER_BYTES)), 4);
  return entry;
}

/**
 * Reads the entry at `at`; the span shares memory with `bytes`. Undefined: there is none, or not all of it, or it
 * is not as it was written.
 */
export function decodeEntry(
  bytes: Buffer,
  at: number,
): { readonly span: RecordSpan; readonly end: number } | undefined {
  const start = at + HEADER_BYTES;
  if (start > bytes.length) return undefined;
  const payloadBytes = bytes.readUInt32BE(at);
  const end = start + payloadBytes;
  if (payloadBytes > PAYLOAD_BYTES_MAX || end > bytes.length) return undefined;
  if (crc32(bytes.subarray(start, end)) !== bytes.readUInt32BE(at + 4)) return undefined;
  const nodeEnd = start + 1 + (bytes[start] ?? 0);
  const recordsStart = nodeEnd + SPAN_HEAD_BYTES - 1;
  if (recordsStart > end) return undefined;
  const source = {
    node: bytes.toString('utf8', start + 1, nodeEnd),
    worker: bytes.readUInt8(nodeEnd),
    epoch: bytes.readBigUInt64BE(nodeEnd + 1),
  };
  return { span: { source, records: bytes.subarray(recordsStart, end) }, end };
}

/**
 * Where the first good entry begins behind the damaged one at `at`, by the lengths alone; undefined: none follows. Nothing is
 * searched for among the octets of records: what others have written could look like an entry.
 */
export function goodEntryAfter(bytes: Buffer, at: number): number | undefined {
  for (let start = at; start + HEADER_BYTES <= bytes.length; ) {
    const payloadBytes = bytes.readUInt32BE(start);
    if (payloadBytes > PAYLOAD_BYTES_MAX) return undefined;
    start += HEADER_BYTES + payloadBytes;
    if (decodeEntry(bytes, start) !== undefined) return start;
  }
  return undefined;
}
