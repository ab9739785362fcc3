import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { MessageRecords } from '@sallyport/dmz-proxy/audit/message-records.ts';
import { RecordLog } from '@sallyport/dmz-proxy/audit/record-log.ts';
import {
  type Haste,
  SealedStream,
  type SealedStreamOptions,
} from '@sallyport/dmz-proxy/audit/sealed-stream.ts';
import { type AuditRecord, decodeRecord } from '@sallyport/shared/audit/record.ts';
import { RECORD_HEADER_BYTES, recordLengthAt } from '@sallyport/shared/audit/record-layout.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';

export const WITNESS: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } =
  generateKeyPairSync('ed25519');

/** A stream with its log, on a clock that stands still; what it hands out is kept. */
export function streamUnderTest(changes: Partial<SealedStreamOptions> = {}) {
  const clock = new ManualClock();
  const log = new RecordLog(1n);
  const hastes: Haste[] = [];
  const stream = new SealedStream({
    log,
    node: 'edge-1',
    worker: 2,
    epoch: 1n,
    programVersion: '1.2.3',
    previousRun: () => undefined,
    clock,
    newEpoch: () => 2n,
    recorded: (haste) => hastes.push(haste),
    ...changes,
  });
  return { clock, log, stream, hastes, taken: () => takeAll(log) };
}

/** Everything that was not handed out yet, decoded; each must be exactly a record. */
export function takeAll(log: RecordLog): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  log.sendUnsent((_epoch, bytes, start, end) => {
    records.push(...recordsIn(bytes, start, end));
    return true;
  });
  return records;
}

/** The records that lie in `bytes[start, end)`, and nothing else. */
export function recordsIn(bytes: Buffer, start: number, end: number): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  for (let at = start; at < end; ) {
    if (end - at < RECORD_HEADER_BYTES) throw new Error('half a record');
    const next = at + recordLengthAt(bytes, at);
    const record = decodeRecord(bytes, at, next);
    if (!record.ok) throw new Error(record.error);
    records.push(record.value);
    at = next;
  }
  return records;
}

/** Where the way in puts its records: nowhere, until the stream is opened. */
export function auditUnderTest() {
  const under = streamUnderTest();
  return { under, messages: new MessageRecords(under.stream, () => 0), isClosed: false };
}
