import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { RecordLog } from '@sallyport/dmz-proxy/audit/record-log.ts';
import { AUDIT_RECORDS_BYTES_MAX } from '@sallyport/shared/channel/frame.ts';
import fc from 'fast-check';

const SIZE_MAX = 8192;

/** A record in form only: its length, then its number, then filling. */
function put(log: RecordLog, size: number): Buffer {
  log.room();
  const bytes = Buffer.alloc(size, log.nextSeq & 0xff);
  bytes.writeUInt16BE(size, 0);
  bytes.writeUInt32BE(log.nextSeq, 10);
  bytes.copy(log.buffer, log.at);
  log.commit(log.at + size);
  return bytes;
}

function unsent(log: RecordLog): Buffer {
  const pieces: Buffer[] = [];
  log.sendUnsent((_epoch, bytes, start, end) => {
    pieces.push(Buffer.from(bytes.subarray(start, end)));
    return true;
  });
  return Buffer.concat(pieces);
}

describe('the log of records', () => {
  it('hands out what was written since the last time, in order', () => {
    const log = new RecordLog(7n);
    const [first, second] = [put(log, 20), put(log, 30)];
    assert.equal(log.hasUnsent, true);
    assert.deepEqual(unsent(log), Buffer.concat([first, second]));
    assert.equal(log.hasUnsent, false);
    assert.equal(unsent(log).length, 0);
    const third = put(log, 40);
    assert.deepEqual(unsent(log), third);
    assert.equal(log.bytes, 90);
  });

  it('hands out frames that are not larger than may be, each with its epoch', () => {
    const log = new RecordLog(0x0102030405060708n);
    for (let i = 0; i < 20; i++) put(log, SIZE_MAX);
    const sizes: number[] = [];
    log.sendUnsent((epoch, _bytes, start, end) => {
      assert.equal(epoch.toString('hex'), '0102030405060708');
      sizes.push(8 + end - start);
      return true;
    });
    assert.ok(sizes.every((size) => size <= 65_536));
    assert.equal(
      sizes.reduce((sum, size) => sum + size - 8, 0),
      20 * SIZE_MAX,
    );
  });

  it('knows its stream of now by eight bytes', () => {
    const log = new RecordLog(0x0102030405060708n);
    const bytes = Buffer.from('ff0102030405060708ff0102030405060709', 'hex');
    assert.equal(log.isOfStream(bytes, 1), true);
    assert.equal(log.isOfStream(bytes, 0), false);
    assert.equal(log.isOfStream(bytes, 10), false);
    log.begin(0x0102030405060709n);
    assert.equal(log.isOfStream(bytes, 10), true);
    assert.equal(log.isOfStream(bytes, 1), false);
    assert.equal(log.epoch, 0x0102030405060709n);
  });

  it('keeps what was not taken, and hands it out again', () => {
    const log = new RecordLog(1n);
    const record = put(log, 20);
    log.sendUnsent(() => false);
    assert.equal(log.hasUnsent, true);
    assert.deepEqual(unsent(log), record);
  });

  it('lets go of whole slabs that were acknowledged, and of nothing of another stream', () => {
    const log = new RecordLog(1n);
    for (let i = 0; i < 10; i++) put(log, SIZE_MAX);
    log.acknowledge(2n, 9);
    log.acknowledge(1n, 5);
    assert.equal(log.bytes, 10 * SIZE_MAX);
    log.acknowledge(1n, 6);
    assert.equal(log.bytes, 3 * SIZE_MAX);
    log.acknowledge(1n, 9);
    assert.equal(log.bytes, 0);
    put(log, 20);
    assert.equal(log.nextSeq, 11);
  });

  it('begins each slab with nothing seen to: memory is looked at then', () => {
    const log = new RecordLog(1n);
    log.seenTo = 'prompt';
    put(log, SIZE_MAX);
    assert.equal(log.seenTo, 'prompt');
    while (log.bytes < AUDIT_RECORDS_BYTES_MAX) put(log, SIZE_MAX);
    assert.equal(log.seenTo, 'none');
    log.seenTo = 'prompt';
    log.begin(2n);
    assert.equal(log.seenTo, 'none');
  });

  it('hands out again, after the last acknowledged record, what another gateway must have', () => {
    const log = new RecordLog(1n);
    const records = Array.from({ length: 30 }, () => put(log, 5000));
    unsent(log);
    log.acknowledge(1n, 17);
    log.rewind({ epoch: 1n, seq: 17 });
    assert.deepEqual(unsent(log), Buffer.concat(records.slice(18)));
    log.rewind({ epoch: 9n, seq: 25 });
    const all = unsent(log);
    assert.equal(all.readUInt32BE(10), 12, 'the slab of the acknowledged record is still there');
  });

  it('gives the oldest slabs of one stream, and lets go of them when told', () => {
    const log = new RecordLog(1n);
    const records = Array.from({ length: 10 }, () => put(log, SIZE_MAX));
    log.begin(2n);
    put(log, 20);
    const run = log.oldest(4);
    assert.ok(run);
    assert.deepEqual(Buffer.concat(run.pieces), Buffer.concat(records));
    assert.deepEqual([run.epoch, run.records, run.lastSeq, run.isSent], [1n, 10, 9, false]);
    log.drop(run);
    const next = log.oldest(4);
    assert.deepEqual([next?.epoch, next?.records, next?.lastSeq], [2n, 1, 0]);
    assert.equal(log.bytes, 20);
    if (next !== undefined) log.drop(next);
    assert.equal(log.oldest(4), undefined);
    assert.equal(log.bytes, 0);
  });

  it('hashes all records once, whatever became of them meanwhile', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 14, max: SIZE_MAX }), { maxLength: 60 }),
        fc.nat(60),
        (sizes, acknowledged) => {
          const log = new RecordLog(1n);
          const hash = createHash('sha256');
          for (const size of sizes) hash.update(put(log, size));
          unsent(log);
          log.acknowledge(1n, acknowledged);
          assert.deepEqual(log.takeHash(), hash.digest());
          assert.deepEqual(log.takeHash(), createHash('sha256').digest());
        },
      ),
      { seed: 4, numRuns: 100 },
    );
  });

  it('gives every record once and in order, however it is sent, acknowledged and spooled', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ put: fc.integer({ min: 14, max: SIZE_MAX }) }),
        fc.constant({ send: true }),
        fc.record({ spool: fc.integer({ min: 1, max: 4 }) }),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const log = new RecordLog(1n);
        const seen = new Set<number>();
        const note = (bytes: Buffer) => {
          for (let at = 0; at < bytes.length; at += bytes.readUInt16BE(at)) {
            seen.add(bytes.readUInt32BE(at + 10));
          }
        };
        for (const step of all) {
          if ('put' in step) put(log, step.put);
          else if ('send' in step) note(unsent(log));
          else {
            const run = log.oldest(step.spool);
            if (run === undefined) continue;
            note(Buffer.concat(run.pieces));
            log.drop(run);
          }
        }
        note(unsent(log));
        assert.equal(seen.size, log.nextSeq);
        assert.equal(log.hasUnsent, false);
      }),
      { seed: 5, numRuns: 100 },
    );
  });
});
