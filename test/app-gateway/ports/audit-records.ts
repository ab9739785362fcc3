import type { RecordSpan } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { type AuditRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import type { AuditSource } from '@sallyport/shared/audit/source.ts';

/** 2026-11-21, noon, UTC. */
export const NOON_MS = Date.UTC(2026, 10, 21, 12);

export function sourceOf(node: string, epoch = 1n, worker = 0): AuditSource {
  return { node, worker, epoch };
}

/** A request that was let through. */
export function admitted(
  seq: number,
  fields: AuditRecord['fields'] = {},
  timeMs: number = NOON_MS + seq,
): Buffer {
  return encodeRecord({ type: 'message-admitted', timeMs, seq, fields });
}

/** The answer to a request of the same stream. */
export function answered(
  seq: number,
  requestSeq: number,
  status = 200,
  timeMs: number = NOON_MS + seq,
): Buffer {
  return encodeRecord({
    type: 'message-answered',
    timeMs,
    seq,
    fields: { requestSeq, status },
  });
}

/** Plain records [first, end) of a source. */
export function span(source: AuditSource, first: number, end: number): RecordSpan {
  const records = Array.from({ length: end - first }, (_, at) => admitted(first + at));
  return { source, records: Buffer.concat(records) };
}
