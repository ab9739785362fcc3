import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { RecordCarrier } from '@sallyport/dmz-proxy/audit/record-carrier.ts';
import { RecordLog } from '@sallyport/dmz-proxy/audit/record-log.ts';
import type { Haste } from '@sallyport/dmz-proxy/audit/sealed-stream.ts';
import { type BlobSpan, Spool } from '@sallyport/dmz-proxy/audit/spool.ts';
import { type AuditAck, encodeAuditAck } from '@sallyport/shared/channel/audit-frames.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { RECORD_BYTES, ReadingGateway, spoolKey, writeRecord } from './reading-gateway.ts';

const MIB = 1_048_576;

const isOfMemory = (seen: string) => !seen.startsWith('blob');

describe('the carrier of records', () => {
  let folder: string;
  let log: RecordLog;
  let spool: Spool;
  let carrier: RecordCarrier;
  let gateways: ReadingGateway[];
  let damaged: BlobSpan[];
  let full: boolean[];
  let failures: number;
  let clock: ManualClock;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-carrier-'));
    clock = new ManualClock();
    gateways = [];
    damaged = [];
    full = [];
    start(1n);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A new run of the worker, with nothing in memory. */
  function start(epoch: bigint): void {
    log = new RecordLog(epoch);
    failures = 0;
    spool = new Spool({ folder, failed: () => failures++, damaged: () => assert.fail() });
    spool.open();
    carrier = new RecordCarrier({
      log,
      spool,
      worker: 3,
      clock,
      gateways: () => gateways.map(({ link }) => link),
      departing: () => undefined,
      damaged: (lost) => damaged.push(lost),
      fullChanged: (isFull) => full.push(isFull),
    });
  }
  const use = (memoryBytesMax = MIB, spoolBytesMax = MIB) =>
    carrier.use({ memoryBytesMax, spoolBytesMax, spoolKey });
  const connect = (node: string): ReadingGateway => {
    const gateway = new ReadingGateway(node);
    gateways.push(gateway);
    carrier.choose();
    return gateway;
  };
  const lose = (gateway: ReadingGateway) => {
    gateways = gateways.filter((other) => other !== gateway);
    carrier.choose();
  };
  const put = (count: number, haste: Haste = 'prompt') => {
    for (let i = 0; i < count; i++) {
      writeRecord(log);
      carrier.recorded(haste);
    }
  };
  const acknowledge = (ack: AuditAck) => {
    const payload = encodeAuditAck(ack);
    assert.equal(carrier.acknowledged(payload, 0, payload.length), true);
  };
  const upTo = (seq: number, epoch = 1n) => acknowledge({ of: 'records', epoch, seq });

  it('sends what came since the last departure in one frame, and keeps it until it is acknowledged', () => {
    use();
    const gateway = connect('gateway-1');
    put(3);
    assert.equal(gateway.isExpecting, true);
    gateway.leave();
    gateway.leave();
    put(1);
    gateway.leave();
    assert.deepEqual(gateway.seen, ['1: 0-2', '1: 3-3']);
    assert.equal(log.bytes, 4 * RECORD_BYTES);
    assert.equal(carrier.isClear, false);
    upTo(3);
    assert.equal(carrier.isClear, true);
  });

  it('stays with its gateway, and gives another one what the lost one had not acknowledged', () => {
    use();
    const first = connect('gateway-1');
    const second = connect('gateway-2');
    put(20);
    first.leave();
    second.leave();
    upTo(4);
    lose(first);
    assert.equal(carrier.gateway, 'gateway-2');
    second.leave();
    assert.deepEqual(second.seen, ['1: 5-7', '1: 8-15', '1: 16-19']);
    assert.equal(first.connection.boards, undefined);
    gateways.unshift(first);
    carrier.choose();
    assert.equal(carrier.gateway, 'gateway-2');
  });

  it('leaves a gateway that drains as soon as there is another', () => {
    use();
    const first = connect('gateway-1');
    first.connection.isAvailable = false;
    carrier.choose();
    assert.equal(carrier.gateway, 'gateway-1');
    connect('gateway-2');
    assert.equal(carrier.gateway, 'gateway-2');
  });

  it('gives a gateway that does not read no more until it does', () => {
    use();
    const gateway = connect('gateway-1');
    gateway.connection.pendingBytes = MIB + 1;
    put(1);
    gateway.leave();
    assert.deepEqual(gateway.seen, []);
    gateway.connection.pendingBytes = MIB;
    carrier.sweep();
    assert.equal(gateway.isExpecting, true);
    gateway.leave();
    assert.deepEqual(gateway.seen, ['1: 0-0']);
  });

  it('without a gateway puts everything on the disk in the same turn, where it reads as noise', async () => {
    use();
    put(2);
    await endOfTurn();
    assert.equal(log.bytes, 0);
    const [name] = readdirSync(folder);
    const bytes = readFileSync(join(folder, name as string));
    assert.ok(bytes.length > 2 * RECORD_BYTES);
    assert.equal(bytes.includes(Buffer.alloc(64)), false);
    const gateway = connect('gateway-1');
    put(1);
    gateway.leave();
    assert.deepEqual(gateway.seen, ['blob 1: 0-1', '1: 2-2']);
    acknowledge({ of: 'blob', blob: gateway.blobs[0] as bigint });
    assert.equal(spool.size, 0);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('gives what an earlier run has left, and opens none of it', async () => {
    use();
    put(2);
    await endOfTurn();
    start(2n);
    use();
    const gateway = connect('gateway-1');
    put(1);
    gateway.leave();
    assert.deepEqual(gateway.seen, ['blob 1: 0-1', '2: 0-0']);
  });

  it('sends what little is on the disk whole, and before what is in memory: no later number comes before an earlier one', async () => {
    use();
    for (let i = 0; i < 6; i++) {
      put(1);
      await endOfTurn();
    }
    const gateway = connect('gateway-1');
    put(1);
    gateway.leave();
    const blobs = [0, 1, 2, 3, 4, 5].map((seq) => `blob 1: ${seq}-${seq}`);
    assert.deepEqual(gateway.seen, [...blobs, '1: 6-6']);
  });

  it('of much on the disk sends four blobs at a time, and what is in memory at once: a kill would take it', async () => {
    use();
    for (let i = 0; i < 6; i++) {
      put(12);
      await endOfTurn();
    }
    const gateway = connect('gateway-1');
    put(1);
    gateway.leave();
    assert.deepEqual(gateway.seen, [
      ...['1: 72-72', 'blob 1: 0-11', 'blob 1: 12-23', 'blob 1: 24-35', 'blob 1: 36-47'],
    ]);
    upTo(72);
    assert.equal(spool.size, 6, 'what is on the disk is not what was acknowledged');
    for (const blob of gateway.blobs.splice(0)) acknowledge({ of: 'blob', blob });
    gateway.leave();
    assert.deepEqual(gateway.seen.slice(5), ['blob 1: 48-59', 'blob 1: 60-71']);
  });

  it('is not held up for ever by blobs that nobody can open', async () => {
    use();
    for (let i = 0; i < 5; i++) {
      put(14);
      await endOfTurn();
    }
    const gateway = connect('gateway-1');
    put(1);
    gateway.leave();
    clock.advance(9999);
    gateway.leave();
    assert.equal(gateway.seen.length, 5);
    clock.advance(1);
    gateway.leave();
    assert.deepEqual(gateway.seen.slice(5), ['blob 1: 56-69']);
    upTo(70);
    assert.equal(spool.size, 5, 'a blob that was sent as one needs an acknowledgement of its own');
    for (const blob of gateway.blobs) acknowledge({ of: 'blob', blob });
    assert.equal(spool.size, 0);
  });

  it('puts the oldest on the disk when memory is full, and sends nothing twice to the same gateway', () => {
    use(300_000);
    const gateway = connect('gateway-1');
    for (let i = 0; i < 60; i++) {
      put(1);
      gateway.leave();
    }
    assert.ok(spool.size > 0);
    assert.ok(log.bytes <= 300_000);
    assert.deepEqual(
      gateway.seen,
      Array.from({ length: 60 }, (_, n) => `1: ${n}-${n}`),
    );
    upTo(59);
    assert.equal(spool.size, 0, 'an acknowledgement of records is one of the blobs they are in');
    assert.equal(carrier.isClear, true);
    assert.deepEqual(full, []);
  });

  it('is full when memory and disk are, and has room again when a gateway acknowledges', () => {
    use(MIB, MIB);
    const gateway = connect('gateway-1');
    gateway.connection.pendingBytes = 2 * MIB;
    put(130);
    assert.equal(carrier.isFull, false);
    put(140);
    assert.equal(carrier.isFull, true);
    gateway.connection.pendingBytes = 0;
    for (let i = 0; i < 20 && !carrier.isClear; i++) {
      gateway.leave();
      for (const blob of gateway.blobs.splice(0)) acknowledge({ of: 'blob', blob });
      const last = /^1: \d+-(\d+)$/.exec(gateway.seen.findLast(isOfMemory) ?? '');
      if (last !== null) upTo(Number(last[1]));
    }
    assert.equal(carrier.isFull, false);
    assert.equal(carrier.isClear, true);
    assert.deepEqual(full, [true, false]);
  });

  it('is full without a disk when memory is, and never loses what it has', async () => {
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(folder, 'no folder');
    use(MIB);
    put(140);
    await endOfTurn();
    assert.equal(carrier.isFull, true);
    const gateway = connect('gateway-1');
    gateway.leave();
    assert.equal(gateway.seen.at(-1), '1: 136-139');
    upTo(139);
    assert.equal(carrier.isFull, false);
  });

  it('has room again as soon as the disk has, though no gateway acknowledges anything', () => {
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(folder, 'no folder');
    use(MIB);
    connect('gateway-1');
    put(140);
    assert.equal(carrier.isFull, true);
    carrier.sweep();
    assert.equal(carrier.isFull, true);
    rmSync(folder);
    mkdirSync(folder);
    carrier.sweep();
    assert.equal(carrier.isFull, false);
    assert.deepEqual(full, [true, false]);
    assert.ok(spool.size > 0);
  });

  it('asks a disk that takes nothing once between two sweeps', async () => {
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(folder, 'no folder');
    use();
    for (let turn = 0; turn < 5; turn++) {
      put(1);
      await endOfTurn();
    }
    assert.equal(failures, 1);
    carrier.sweep();
    assert.equal(failures, 2);
    carrier.spoolAll();
    assert.equal(failures, 3, 'at the end it is asked once more');
  });

  it('puts what it has sent on the disk after three sweeps without an acknowledgement, and sends it to nobody twice', () => {
    use();
    const gateway = connect('gateway-1');
    put(3);
    gateway.leave();
    for (const expected of [0, 0, 1]) {
      carrier.sweep();
      assert.equal(spool.size, expected);
    }
    put(1);
    carrier.sweep();
    assert.equal(spool.size, 2);
    assert.equal(log.bytes, 0);
    gateway.leave();
    upTo(2);
    assert.equal(spool.size, 1, 'an acknowledgement of records is one of the blob');
    put(1);
    carrier.sweep();
    carrier.sweep();
    assert.equal(spool.size, 1, 'it has acknowledged something');
  });

  it('leaves a gateway that acknowledges nothing for another, and that one for the first', () => {
    use();
    const [first, second] = [connect('gateway-1'), connect('gateway-2')];
    put(3);
    first.leave();
    carrier.sweep();
    carrier.sweep();
    assert.equal(carrier.gateway, 'gateway-1');
    carrier.sweep();
    assert.equal(carrier.gateway, 'gateway-2');
    second.leave();
    assert.deepEqual(second.seen, ['blob 1: 0-2']);
    for (let sweeps = 0; sweeps < 3; sweeps++) carrier.sweep();
    assert.equal(carrier.gateway, 'gateway-1');
    first.leave();
    assert.deepEqual(first.seen, ['1: 0-2', 'blob 1: 0-2']);
    for (const blob of first.blobs) acknowledge({ of: 'blob', blob });
    assert.equal(carrier.isClear, true);
  });

  it('stays with a gateway that leaves a blob where it is and acknowledges the rest', async () => {
    use();
    put(1);
    await endOfTurn();
    const gateway = connect('gateway-1');
    connect('gateway-2');
    put(1);
    gateway.leave();
    upTo(1);
    for (let sweeps = 0; sweeps < 9; sweeps++) carrier.sweep();
    assert.equal(spool.size, 1);
    assert.equal(carrier.gateway, 'gateway-1');
  });

  it('says what was in a damaged blob, and goes on with the next', async () => {
    use();
    put(2);
    await endOfTurn();
    const path = join(folder, readdirSync(folder)[0] as string);
    put(1);
    await endOfTurn();
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] as number) ^ 1;
    writeFileSync(path, bytes);
    const gateway = connect('gateway-1');
    gateway.leave();
    assert.deepEqual(gateway.seen, ['blob 1: 2-2']);
    assert.equal(damaged[0]?.records, 2);
  });

  it('keeps the rest for the next run, and says when an acknowledgement is none', () => {
    use();
    connect('gateway-1');
    put(3);
    carrier.spoolAll();
    assert.equal(spool.size, 1);
    assert.equal(carrier.acknowledged(Buffer.alloc(9), 0, 9), false);
  });
});
