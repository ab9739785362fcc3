import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { RecordLog } from '@sallyport/dmz-proxy/audit/record-log.ts';
import type { GatewayLink } from '@sallyport/dmz-proxy/flows/gateway-link.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { openBox } from '@sallyport/shared/audit/sealed-box.ts';
import {
  AUDIT_SPOOL_INFO,
  decodeAuditRecords,
  decodeAuditSpool,
  decodeAuditSpooled,
} from '@sallyport/shared/channel/audit-frames.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';

/** Of each record that `writeRecord` writes. */
export const RECORD_BYTES = 8000;

/** Adds a record of a size that fills memory soon, with nothing in it but its length and its number. */
export function writeRecord(log: RecordLog): void {
  log.room();
  log.buffer.fill(0, log.at, log.at + RECORD_BYTES);
  log.buffer.writeUInt16BE(RECORD_BYTES, log.at);
  log.buffer.writeUInt32BE(log.nextSeq, log.at + 10);
  log.commit(log.at + RECORD_BYTES);
}

const ledger = generateKeyPairSync('x25519');
/** What blobs are sealed to, so that a gateway of the tests can open them. */
export const spoolKey = rawPublicKey(createPublicKey(ledger.privateKey));

/** A gateway that reads what it is sent: numbers of records, and blobs opened with the ledger's key. */
export class ReadingGateway {
  readonly seen: string[] = [];
  readonly blobs: bigint[] = [];
  isExpecting = false;
  readonly link: GatewayLink;
  readonly connection = {
    isAvailable: true,
    pendingBytes: 0,
    boards: undefined as (() => void) | undefined,
    expectDeparture: () => {
      this.isExpecting = true;
    },
    depart: () => this.leave(),
    sendParts: (
      type: number,
      _exchange: number,
      head: Buffer,
      bytes: Buffer = head,
      start = 0,
      end = 0,
    ) => {
      this.#receive(type, Buffer.concat([head, bytes.subarray(start, end)]));
      return true;
    },
  };

  constructor(node: string) {
    this.link = { node, connection: this.connection } as unknown as GatewayLink;
  }

  /** What was gathered leaves. */
  leave(): void {
    this.isExpecting = false;
    this.connection.boards?.();
  }

  #receive(type: number, payload: Buffer): void {
    if (type === FrameType.auditRecords) {
      const frame = decodeAuditRecords(payload, 0, payload.length);
      assert.ok(frame.ok);
      this.seen.push(
        `${frame.value.epoch}: ${rangeIn(payload.subarray(frame.value.recordsStart))}`,
      );
      return;
    }
    assert.equal(type, FrameType.auditSpooled);
    const frame = decodeAuditSpooled(payload, 0, payload.length);
    assert.ok(frame.ok);
    this.blobs.push(frame.value.blob);
    const plain = openBox(
      ledger.privateKey,
      payload.subarray(frame.value.boxStart),
      AUDIT_SPOOL_INFO,
    );
    assert.ok(plain.ok);
    const spool = decodeAuditSpool(plain.value);
    assert.ok(spool.ok);
    assert.equal(spool.value.worker, 3);
    const records = plain.value.subarray(spool.value.recordsStart);
    this.seen.push(`blob ${spool.value.epoch}: ${rangeIn(records)}`);
  }
}

function rangeIn(records: Buffer): string {
  const numbers: number[] = [];
  for (let at = 0; at < records.length; at += records.readUInt16BE(at)) {
    numbers.push(records.readUInt32BE(at + 10));
  }
  for (const [i, number] of numbers.entries()) assert.equal(number, (numbers[0] as number) + i);
  return `${numbers[0]}-${numbers.at(-1)}`;
}
