import { Buffer } from 'node:buffer';
import { formatAddressBytes } from '../net/address.ts';
import { err, ok, type Result } from '../result.ts';
import { type RecordFault, recordFault } from './record-check.ts';
import {
  AUDIT_FIELDS,
  type FieldName,
  type FieldRule,
  type FieldValues,
  fieldById,
} from './record-fields.ts';
import {
  numberIn,
  RECORD_BYTES_MAX,
  RECORD_HEADER_BYTES,
  recordSeqAt,
  recordTimeAt,
  recordTypeAt,
  u16At,
  valueEndAt,
  valueStartAt,
} from './record-layout.ts';
import { AUDIT_TYPE, type AuditTypeName, typeById } from './record-types.ts';
import { RecordWriter } from './record-writer.ts';
import { textOfBytes } from './wire-text.ts';

/** A record as a value: what search, reports and renderings work on. The bytes are what counts. */
export interface AuditRecord {
  readonly type: AuditTypeName;
  /** By the clock of the node that wrote it: milliseconds since 1970, UTC. */
  readonly timeMs: number;
  /** Its number in the stream of its source. */
  readonly seq: number;
  readonly fields: FieldValues;
}

/**
 * The bytes of a record. Fields longer than their limit are cut and named in `cut`.
 *
 * Throws where the type has no such field: what may stand in a record is decided here, not by a peer.
 */
export function encodeRecord(record: AuditRecord): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_BYTES_MAX);
  const writer = new RecordWriter(bytes);
  writer.begin(AUDIT_TYPE[record.type], record.timeMs, record.seq);
  for (const rule of AUDIT_FIELDS) {
    if (rule.name !== 'cut') writeField(writer, rule, record.fields);
  }
  if (record.fields.cut !== undefined) writer.keepCut(record.fields.cut);
  return Buffer.from(bytes.subarray(0, writer.end()));
}

function writeField(
  writer: RecordWriter,
  rule: FieldRule & { name: FieldName },
  fields: FieldValues,
): void {
  const value = fields[rule.name];
  if (value === undefined) return;
  if (rule.kind === 'address') writer.address(rule.id, String(value));
  else if (typeof value === 'string') writer.string(rule.id, value);
  else if (typeof value === 'bigint') writer.u64(rule.id, value);
  else if (typeof value === 'number') writer.u32(rule.id, value);
  else if (value instanceof Uint8Array) {
    writer.text(
      rule.id,
      Buffer.from(value.buffer, value.byteOffset, value.length),
      0,
      value.length,
    );
  } else writer.list(rule.id, value);
}

/** Reads the record from `start` to `end`, or says why these bytes are none; the bytes may be reused afterwards. */
export function decodeRecord(
  bytes: Buffer,
  start: number,
  end: number,
): Result<AuditRecord, RecordFault> {
  const fault = recordFault(bytes, start, end);
  if (fault !== undefined) return err(fault);
  const type = typeById(recordTypeAt(bytes, start))?.name as AuditTypeName;
  const fields: Record<string, unknown> = {};
  for (let at = start + RECORD_HEADER_BYTES; at < end; ) {
    const rule = fieldById(bytes[at] as number) as FieldRule;
    const valueStart = valueStartAt(bytes, at);
    at = valueEndAt(bytes, at);
    fields[rule.name] = readValue(rule, bytes, valueStart, at);
  }
  return ok({ type, timeMs: recordTimeAt(bytes, start), seq: recordSeqAt(bytes, start), fields });
}

function readValue(
  rule: FieldRule,
  bytes: Buffer,
  start: number,
  end: number,
): string | number | bigint | Uint8Array | readonly string[] {
  switch (rule.kind) {
    case 'text':
      return textOfBytes(bytes, start, end);
    case 'address':
      return formatAddressBytes(bytes, start, end);
    case 'u32':
      return numberIn(bytes, start, end);
    case 'u64':
      return bigNumberIn(bytes, start, end);
    case 'bytes':
      return new Uint8Array(bytes.subarray(start, end));
    case 'list':
      return readList(bytes, start, end);
  }
}

function bigNumberIn(bytes: Buffer, start: number, end: number): bigint {
  return BigInt(`0x0${bytes.toString('hex', start, end)}`);
}

function readList(bytes: Buffer, start: number, end: number): readonly string[] {
  const values: string[] = [];
  for (let at = start; at < end; ) {
    const valueEnd = at + 2 + u16At(bytes, at);
    values.push(bytes.toString('utf8', at + 2, valueEnd));
    at = valueEnd;
  }
  return values;
}
