import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { RecordCarrier } from '@sallyport/dmz-proxy/audit/record-carrier.ts';
import { RecordLog } from '@sallyport/dmz-proxy/audit/record-log.ts';
import type { Haste } from '@sallyport/dmz-proxy/audit/sealed-stream.ts';
import { Spool } from '@sallyport/dmz-proxy/audit/spool.ts';
import { encodeAuditAck } from '@sallyport/shared/channel/audit-frames.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { ReadingGateway, spoolKey, writeRecord } from './reading-gateway.ts';

const MIB = 1_048_576;

describe('the haste of records', () => {
  let folder: string;
  let log: RecordLog;
  let carrier: RecordCarrier;
  let gateway: ReadingGateway;
  let clock: ManualClock;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-haste-'));
    clock = new ManualClock();
    log = new RecordLog(1n);
    const spool = new Spool({ folder, failed: () => assert.fail(), damaged: () => assert.fail() });
    spool.open();
    gateway = new ReadingGateway('gateway-1');
    carrier = new RecordCarrier({
      log,
      spool,
      worker: 3,
      clock,
      gateways: () => [gateway.link],
      departing: () => undefined,
      damaged: () => assert.fail(),
      fullChanged: () => assert.fail(),
    });
    carrier.use({ memoryBytesMax: MIB, spoolBytesMax: MIB, spoolKey });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (count: number, haste: Haste = 'prompt') => {
    for (let i = 0; i < count; i++) {
      writeRecord(log);
      carrier.recorded(haste);
    }
  };
  const upTo = (seq: number) => {
    const payload = encodeAuditAck({ of: 'records', epoch: 1n, seq });
    assert.equal(carrier.acknowledged(payload, 0, payload.length), true);
  };

  it('lets an urgent record leave at the end of the turn, held or not', async () => {
    put(2, 'urgent');
    assert.deepEqual(gateway.seen, []);
    await endOfTurn();
    assert.deepEqual(gateway.seen, ['1: 0-1']);
  });

  it('lets a patient record leave with others, and by itself after five milliseconds', () => {
    gateway.leave();
    put(2, 'patient');
    assert.equal(gateway.isExpecting, false);
    gateway.leave();
    assert.deepEqual(gateway.seen, ['1: 0-1']);
    clock.advance(5);
    assert.equal(gateway.isExpecting, false, 'nothing is left');
    put(1, 'patient');
    clock.advance(4.9);
    assert.equal(gateway.isExpecting, false);
    clock.advance(0.1);
    assert.equal(gateway.isExpecting, true);
  });

  it('lets a patient record leave with a prompt one of before, and waits again for the next', () => {
    put(1);
    put(1, 'patient');
    assert.equal(clock.waiting, 0, 'no timer of its own');
    gateway.leave();
    assert.deepEqual(gateway.seen, ['1: 0-1']);
    put(1, 'patient');
    clock.advance(5);
    assert.equal(gateway.isExpecting, true);
    gateway.leave();
    assert.deepEqual(gateway.seen, ['1: 0-1', '1: 2-2']);
  });

  it('says of which records nobody needs to tell it, until they left', () => {
    assert.equal(log.seenTo, 'none');
    put(1, 'patient');
    assert.equal(log.seenTo, 'patient');
    put(1);
    assert.equal(log.seenTo, 'prompt');
    put(1, 'patient');
    assert.equal(log.seenTo, 'prompt', 'a patient one takes nothing back');
    gateway.leave();
    assert.equal(log.seenTo, 'none');
    put(1, 'patient');
    clock.advance(5);
    assert.equal(log.seenTo, 'none', 'the next one is not patient for nothing');
    put(1);
    carrier.choose();
    assert.equal(log.seenTo, 'prompt', 'the same gateway');
    upTo(4);
    gateway.leave();
    put(1, 'urgent');
    assert.equal(log.seenTo, 'none', 'what is urgent sees to nothing else');
  });

  it('lets a patient record wait on when others are acknowledged, but not what was held back', () => {
    put(1);
    gateway.leave();
    put(1, 'patient');
    upTo(0);
    assert.equal(gateway.isExpecting, false, 'patient');
    gateway.connection.pendingBytes = MIB + 1;
    put(1);
    gateway.leave();
    assert.equal(gateway.isExpecting, false, 'held back');
    gateway.connection.pendingBytes = 0;
    upTo(0);
    assert.equal(gateway.isExpecting, true, 'something was read');
    gateway.leave();
    upTo(1);
    assert.equal(gateway.isExpecting, false, 'nothing is left');
    assert.deepEqual(gateway.seen, ['1: 0-0', '1: 1-2']);
  });
});
