import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, it } from 'node:test';
import { OwnStream } from '@sallyport/app-gateway/ledger/own-stream.ts';
import type { NamedSeal } from '@sallyport/shared/audit/earlier-run.ts';
import { decodeRecord } from '@sallyport/shared/audit/record.ts';
import { SEAL_DUE_RECORDS, SEALED_RECORDS_MAX, sealHash } from '@sallyport/shared/audit/seal.ts';
import { SealChain } from '@sallyport/shared/audit/seal-chain.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { MemoryJournal } from './memory-journal.ts';

const witness = generateKeyPairSync('ed25519');

describe('the gateway’s own stream', () => {
  let journal: MemoryJournal;
  let clock: ManualClock;
  let stream: OwnStream;
  beforeEach(() => {
    journal = new MemoryJournal();
    clock = new ManualClock();
    stream = new OwnStream({
      source: { node: 'gateway-1', worker: 0, epoch: 9n },
      programVersion: '1.2.3',
      nextEpoch: () => 10n,
      witnessKey: witness.privateKey,
      journal,
      clock,
    });
  });
  const records = () => journal.spans.map(({ records: bytes }) => bytes);
  const types = () =>
    records().map((bytes) => {
      const record = decodeRecord(bytes, 0, bytes.length);
      return record.ok ? `${record.value.seq} ${record.value.type}` : record.error;
    });
  const faults = () => {
    const chain = new SealChain(witness.publicKey);
    const found = records().flatMap((bytes) => chain.take(bytes, 0, bytes.length));
    return { found, unsealed: chain.unsealedRecords };
  };

  it('says who it is first, and seals a second after the first word', async () => {
    await stream.note('channel-opened', { peerNode: 'edge-1' });
    assert.deepEqual(types(), ['0 stream-opened', '1 channel-opened']);
    clock.advance(999);
    assert.equal(types().length, 2);
    clock.advance(1);
    assert.deepEqual(types(), ['0 stream-opened', '1 channel-opened', '2 seal']);
    assert.deepEqual(faults(), { found: [], unsealed: 0 });
  });

  for (const [type, fields] of [
    ['day-dropped', { day: '2026-11-21', firstIndex: 0n, entries: 9n }],
    ['day-kept', { day: '2026-11-21', firstIndex: 0n, entries: 9n, treeSize: 20n }],
    ['hold-lifted', { hold: 'case-7' }],
  ] as const) {
    it(`seals ${type} at once, and says that it is on the disk when the seal is`, async () => {
      journal.isSlow = true;
      let spansThen: number | undefined;
      const noted = stream.note(type, fields).then(() => {
        spansThen = journal.spans.length;
      });
      journal.sync();
      await noted;
      assert.equal(spansThen, 3);
      assert.deepEqual(types(), ['0 stream-opened', `1 ${type}`, '2 seal']);
      assert.deepEqual(faults(), { found: [], unsealed: 0 });
      clock.advance(60_000);
      assert.equal(types().length, 3);
    });
  }

  it('says that the clock was set, before whatever comes next, or when it is asked to look', async () => {
    let setMs = 0;
    const set = new OwnStream({
      source: { node: 'gateway-1', worker: 0, epoch: 12n },
      programVersion: '1',
      nextEpoch: () => 10n,
      witnessKey: witness.privateKey,
      journal,
      clock: {
        ...{
          after: (...asked) => clock.after(...asked),
          every: (...asked) => clock.every(...asked),
        },
        ...{ wallMs: () => clock.wallMs() + setMs, monotonicMs: () => clock.monotonicMs() },
      },
    });
    journal.spans.splice(0);
    const steps = () =>
      records().flatMap((bytes) => {
        const record = decodeRecord(bytes, 0, bytes.length);
        if (!record.ok || record.value.type === 'seal') return [];
        return [[record.value.type, record.value.timeMs, record.value.fields.expectedMs]];
      });
    const startMs = clock.wallMs();
    clock.advance(60_000);
    set.watchClock();
    setMs = 3_600_000;
    await set.note('channel-opened', { peerNode: 'edge-1' });
    const atMs = startMs + 60_000 + setMs;
    assert.deepEqual(steps(), [
      ['clock-stepped', atMs, BigInt(startMs + 60_000)],
      ['channel-opened', atMs, undefined],
    ]);
    setMs = 0;
    set.watchClock();
    set.watchClock();
    assert.deepEqual(steps().slice(2), [['clock-stepped', startMs + 60_000, BigInt(atMs)]]);
    await set.close();
  });

  it('names the run before, where it is known', () => {
    const [first] = records();
    assert.ok(first);
    const unknown = decodeRecord(first, 0, first.length);
    assert.equal(unknown.ok && unknown.value.fields.previousEpoch, undefined);
    const next = new MemoryJournal();
    const source = { node: 'gateway-1', worker: 0, epoch: 10n };
    const { privateKey: witnessKey } = witness;
    new OwnStream({
      source,
      programVersion: '1',
      nextEpoch: () => 10n,
      before: { epoch: 9n, lastSeal: { seq: 70, hash: Buffer.alloc(32, 9) } },
      witnessKey,
      journal: next,
      clock,
    });
    const [bytes] = next.spans.map((span) => span.records);
    assert.ok(bytes);
    const known = decodeRecord(bytes, 0, bytes.length);
    assert.equal(known.ok && known.value.fields.previousEpoch, 9n);
    assert.deepEqual(known.ok && known.value.fields.previousSeal, new Uint8Array(32).fill(9));
    assert.equal(known.ok && known.value.fields.previousSealSeq, 70);
  });

  it('is closed when its last seal is on the disk, whoever asked for that', async () => {
    const disk = Promise.withResolvers<void>();
    const { privateKey: witnessKey } = witness;
    const slow = new OwnStream({
      source: { node: 'gateway-1', worker: 0, epoch: 11n },
      programVersion: '1',
      nextEpoch: () => 10n,
      witnessKey,
      journal: { waitingBytes: 0, append: () => disk.promise.then(() => true) },
      clock,
    });
    // The clock seals just before: there is nothing left to seal, and nothing on the disk.
    clock.advance(1000);
    let isClosed = false;
    const closed = slow.close().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isClosed, false);
    disk.resolve();
    await closed;
  });

  it('tells its last seal when that is on the disk, each time it is asked', async () => {
    await stream.note('channel-opened', { peerNode: 'edge-1' });
    const lastSeal = await stream.close();
    const last = records().at(-1);
    assert.deepEqual(lastSeal, last && { seq: 2, hash: sealHash(last) });
    assert.deepEqual(await stream.close(), lastSeal);
  });

  it('tells each seal once it is on the disk', async () => {
    const told: NamedSeal[] = [];
    const disk = Promise.withResolvers<boolean>();
    const { privateKey: witnessKey } = witness;
    const running = new OwnStream({
      source: { node: 'gateway-1', worker: 0, epoch: 13n },
      programVersion: '1',
      nextEpoch: () => 10n,
      witnessKey,
      sealed: (seal) => told.push(seal),
      journal: {
        waitingBytes: 0,
        append: async ({ records: bytes }) => {
          journal.spans.push({
            source: { node: 'gateway-1', worker: 0, epoch: 13n },
            records: bytes,
          });
          return disk.promise;
        },
      },
      clock,
    });
    void running.note('channel-opened', { peerNode: 'edge-1' });
    clock.advance(1000);
    const seal = records().at(-1);
    assert.ok(seal);
    assert.deepEqual(told, []);
    disk.resolve(true);
    await running.close();
    assert.deepEqual(told, [{ seq: 2, hash: sealHash(seal) }]);
  });

  it('tells no seal that never comes to the disk', async () => {
    const { privateKey: witnessKey } = witness;
    const lost = new OwnStream({
      sealed: () => assert.fail('it is lost'),
      source: { node: 'gateway-1', worker: 0, epoch: 12n },
      programVersion: '1',
      nextEpoch: () => 10n,
      witnessKey,
      journal: { waitingBytes: 0, append: async () => false },
      clock,
    });
    assert.equal(await lost.close(), undefined);
  });

  it('makes a chain of its seals, and none over nothing', async () => {
    for (let at = 0; at < 3; at++) {
      clock.advance(5000);
      await stream.note('channel-opened', { peerNode: 'edge-1' });
    }
    clock.advance(60_000);
    await stream.close();
    assert.deepEqual(
      types().filter((one) => one.endsWith('seal')),
      ['1 seal', '3 seal', '5 seal', '7 seal'],
    );
    assert.deepEqual(faults(), { found: [], unsealed: 0 });
  });

  it('seals after 4,096 records', async () => {
    const count = SEAL_DUE_RECORDS + 900;
    for (let at = 0; at < count; at++) void stream.note('channel-opened', { peerNode: 'edge-1' });
    await stream.close();
    assert.deepEqual(
      types().filter((one) => one.endsWith('seal')),
      [`${SEAL_DUE_RECORDS} seal`, `${count + 2} seal`],
    );
    assert.deepEqual(faults(), { found: [], unsealed: 0 });
  });

  it('goes on in another stream before its numbers end, which names the one before', async () => {
    const told: NamedSeal[] = [];
    const long = new MemoryJournal();
    const { privateKey: witnessKey } = witness;
    const own = new OwnStream({
      source: { node: 'gateway-1', worker: 0, epoch: 9n },
      programVersion: '1',
      nextEpoch: () => 10n,
      witnessKey,
      journal: long,
      clock,
      sealed: (seal) => told.push(seal),
      seqMax: 2 * SEALED_RECORDS_MAX + 2000,
    });
    const count = SEAL_DUE_RECORDS + 1000;
    for (let at = 0; at < count; at++) void own.note('channel-opened', { peerNode: 'edge-1' });
    const lastSeal = await own.close();
    const bySource = Map.groupBy(long.spans, ({ source }) => source.epoch);
    assert.deepEqual([...bySource.keys()], [9n, 10n]);
    const [former = [], later = []] = [...bySource.values()];
    for (const spans of [former, later]) {
      const chain = new SealChain(witness.publicKey);
      const found = spans.flatMap(({ records: bytes }) => chain.take(bytes, 0, bytes.length));
      assert.deepEqual([found, chain.unsealedRecords], [[], 0]);
    }
    const seal = former.at(-1)?.records ?? Buffer.alloc(0);
    const opened = decodeRecord(later[0]?.records ?? seal, 0, later[0]?.records.length ?? 0);
    assert.ok(opened.ok);
    const { seq, type, fields } = opened.value;
    assert.deepEqual([seq, type, fields.epoch], [0, 'stream-opened', 10n]);
    assert.deepEqual([fields.previousEpoch, fields.previousSealSeq], [9n, former.length - 1]);
    assert.deepEqual(fields.previousSeal, new Uint8Array(sealHash(seal)));
    // The seal of the former stream is none of the one that the next run follows.
    assert.deepEqual(told, [lastSeal]);
    assert.equal(lastSeal?.seq, later.length - 1);
  });

  it('leaves out what comes while 32 MiB wait for the disk, and says how many records that were', async () => {
    const note = () => stream.note('channel-opened', { peerNode: 'edge-1' });
    journal.waitingBytes = 33_554_433;
    for (let at = 0; at < 5; at++) assert.equal(await note(), false);
    assert.deepEqual(types(), ['0 stream-opened']);
    journal.waitingBytes = 33_554_432;
    assert.equal(await note(), true);
    assert.deepEqual(types(), ['0 stream-opened', '1 gap', '2 channel-opened']);
    const [, bytes = Buffer.alloc(0)] = records();
    const gap = decodeRecord(bytes, 0, bytes.length);
    assert.ok(gap.ok);
    assert.equal(gap.value.fields.lostRecords, 5);
    assert.equal(gap.value.fields.code, 'journal-failing');
    journal.waitingBytes = 33_554_433;
    await note();
    await stream.close();
    assert.deepEqual(types().slice(3), ['3 gap', '4 seal']);
    assert.deepEqual(faults(), { found: [], unsealed: 0 });
  });

  it('takes nothing after its end', async () => {
    await stream.close();
    assert.equal(await stream.note('channel-opened', { peerNode: 'edge-1' }), false);
    await stream.close();
    clock.advance(60_000);
    assert.deepEqual(types(), ['0 stream-opened', '1 seal']);
  });

  it('uses a time that is known better', async () => {
    await stream.note('channel-opened', { peerNode: 'edge-1' }, 12_345);
    const [, bytes = Buffer.alloc(0)] = records();
    const record = decodeRecord(bytes, 0, bytes.length);
    assert.equal(record.ok && record.value.timeMs, 12_345);
  });
});
