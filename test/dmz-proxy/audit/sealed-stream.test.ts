import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecordLog } from '@sallyport/dmz-proxy/audit/record-log.ts';
import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import { FIELD } from '@sallyport/shared/audit/record-fields.ts';
import { recordLengthAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { SEAL_DUE_RECORDS, SEALED_RECORDS_MAX } from '@sallyport/shared/audit/seal.ts';
import { SealChain } from '@sallyport/shared/audit/seal-chain.ts';
import { streamUnderTest, WITNESS } from './audit-fixture.ts';

const ROOM = 1_000_000_000;

function add(stream: ReturnType<typeof streamUnderTest>['stream'], count = 1): void {
  for (let i = 0; i < count; i++) {
    const writer = stream.begin(AUDIT_TYPE['channel-opened']);
    if (writer === undefined) continue;
    writer.string(FIELD.peerNode, 'gateway-1');
    stream.end();
  }
}

/** What a verifier that knows the key finds in all that is in the log. */
function faultsIn(log: RecordLog): readonly string[] {
  const chain = new SealChain(WITNESS.publicKey);
  const faults: string[] = [];
  log.sendUnsent((_epoch, bytes, start, end) => {
    for (let at = start; at < end; ) {
      const next = at + recordLengthAt(bytes, at);
      faults.push(...chain.take(bytes, at, next));
      at = next;
    }
    return true;
  });
  return faults;
}

describe('the sealed stream', () => {
  it('takes nothing until it is opened, and then says who it is', () => {
    const { stream, taken } = streamUnderTest();
    add(stream);
    assert.equal(stream.isOpen, false);
    stream.open(WITNESS.privateKey, ROOM);
    stream.open(WITNESS.privateKey, ROOM);
    const records = taken();
    assert.deepEqual(
      records.map(({ type, seq, fields }) => ({ type, seq, fields })),
      [
        {
          type: 'stream-opened',
          seq: 0,
          fields: { node: 'edge-1', worker: 2, epoch: 1n, programVersion: '1.2.3' },
        },
      ],
    );
  });

  it('names the stream before, where one is known', () => {
    const { stream, taken } = streamUnderTest({
      previousRun: () => ({ epoch: 5n, lastSeal: undefined }),
    });
    stream.open(WITNESS.privateKey, ROOM);
    const [opened] = taken();
    assert.equal(opened?.fields.previousEpoch, 5n);
    assert.equal(opened?.fields.previousSeal, undefined);
  });

  it('names the last seal of the stream before, and its own first seal follows none', () => {
    const lastSeal = { seq: 300, hash: Buffer.alloc(32, 7) };
    const { stream, taken, log } = streamUnderTest({
      previousRun: () => ({ epoch: 5n, lastSeal }),
    });
    stream.open(WITNESS.privateKey, ROOM);
    stream.close();
    const [opened, seal] = taken();
    assert.deepEqual(opened?.fields.previousSeal, new Uint8Array(lastSeal.hash));
    assert.equal(opened?.fields.previousSealSeq, 300);
    assert.equal(seal?.type, 'seal');
    assert.equal(seal?.fields.previousSeal, undefined);
    assert.deepEqual(faultsIn(log), []);
    assert.deepEqual([stream.lastSeal?.seq, stream.lastSeal?.hash.length], [1, 32]);
  });

  it('seals what has come once a second, and nothing when nothing came', () => {
    const { stream, taken } = streamUnderTest();
    stream.open(WITNESS.privateKey, ROOM);
    add(stream, 2);
    stream.sweep();
    stream.sweep();
    assert.deepEqual(
      taken().map(({ type }) => type),
      ['stream-opened', 'channel-opened', 'channel-opened', 'seal'],
    );
    add(stream);
    stream.sweep();
    const seal = taken()[1];
    assert.deepEqual([seal?.fields.firstSeq, seal?.fields.lastSeq], [4, 4]);
  });

  it('seals after so many records at the latest, and a verifier is content', () => {
    const { stream, log } = streamUnderTest();
    const count = 2 * SEALED_RECORDS_MAX + 100;
    stream.open(WITNESS.privateKey, ROOM);
    add(stream, count);
    stream.close();
    assert.deepEqual(faultsIn(log), []);
    const [opened, seals] = [1, 3];
    assert.equal(log.nextSeq, opened + count + seals);
    add(stream);
    assert.equal(log.nextSeq, opened + count + seals, 'closed');
  });

  const spans = (records: readonly AuditRecord[]) =>
    records
      .filter(({ type }) => type === 'seal')
      .map(({ fields }) => (fields.lastSeq ?? 0) - (fields.firstSeq ?? 0) + 1);

  it('seals whenever one is due, while they are 50 ms apart', () => {
    const { stream, clock, taken } = streamUnderTest();
    stream.open(WITNESS.privateKey, ROOM);
    add(stream, SEAL_DUE_RECORDS - 1);
    clock.advance(50);
    add(stream, SEAL_DUE_RECORDS);
    clock.advance(50);
    add(stream, SEAL_DUE_RECORDS);
    assert.deepEqual(spans(taken()), [SEAL_DUE_RECORDS, SEAL_DUE_RECORDS, SEAL_DUE_RECORDS]);
  });

  it('lets a seal wait that would come sooner, and soon makes up for it', () => {
    const { stream, clock, taken } = streamUnderTest();
    stream.open(WITNESS.privateKey, ROOM);
    add(stream, SEAL_DUE_RECORDS - 1);
    clock.advance(49);
    add(stream, SEAL_DUE_RECORDS + 10);
    assert.deepEqual(spans(taken()), [SEAL_DUE_RECORDS]);
    clock.advance(1);
    add(stream, 512);
    assert.deepEqual(spans(taken()), [SEAL_DUE_RECORDS + 512]);
  });

  it('counts what has no room, and says so when there is room again', () => {
    const { stream, log, clock, taken } = streamUnderTest();
    const startMs = clock.wallMs();
    stream.open(WITNESS.privateKey, 200);
    add(stream, 20);
    const { nextSeq } = log;
    assert.ok(nextSeq < 10);
    clock.advance(500);
    stream.turnOver();
    add(stream, 3);
    stream.sweep();
    assert.ok(taken().every(({ type }) => type !== 'gap'));
    stream.open(WITNESS.privateKey, ROOM);
    stream.sweep();
    const gap = taken().find(({ type }) => type === 'gap');
    assert.deepEqual(gap?.fields, {
      lostRecords: 23 - nextSeq + 1,
      lostFromMs: BigInt(startMs),
      lostUntilMs: BigInt(startMs + 500),
      code: 'audit-full',
    });
    stream.sweep();
    assert.deepEqual(taken(), []);
    log.rewind(undefined);
    assert.deepEqual(faultsIn(log), []);
  });

  it('tells apart why something was left out', () => {
    const { stream, taken } = streamUnderTest();
    stream.open(WITNESS.privateKey, ROOM);
    stream.leaveOut('refused-while-full', 1, 10, 10);
    stream.leaveOut('spool-damaged', 4, 20, 30);
    stream.leaveOut('refused-while-full', 2, 5, 12);
    stream.sweep();
    assert.deepEqual(
      taken()
        .filter(({ type }) => type === 'gap')
        .map(({ fields }) => [
          fields.code,
          fields.lostRecords,
          fields.lostFromMs,
          fields.lostUntilMs,
        ]),
      [
        ['refused-while-full', 3, 5n, 12n],
        ['spool-damaged', 4, 20n, 30n],
      ],
    );
  });

  //  what the wall clock does beside the steady one      is a step
  const steps: readonly (readonly [number, boolean])[] = [
    [1000, false],
    [1001, true],
    [-1000, false],
    [-1001, true],
  ];
  for (const [byMs, isStep] of steps) {
    it(`a clock that is set by ${byMs} ms is ${isStep ? '' : 'not '}a step`, () => {
      let setMs = 0;
      const { clock, stream, taken } = streamUnderTest({
        clock: {
          ...{ after: () => ({ stop: () => undefined }), every: () => ({ stop: () => undefined }) },
          wallMs: () => clock.wallMs() + setMs,
          monotonicMs: () => clock.monotonicMs(),
        },
      });
      stream.open(WITNESS.privateKey, ROOM);
      const startMs = clock.wallMs();
      clock.advance(1000);
      setMs = byMs;
      stream.sweep();
      const step = taken().find(({ type }) => type === 'clock-stepped');
      assert.equal(step !== undefined, isStep);
      if (step === undefined) return;
      assert.equal(step.fields.expectedMs, BigInt(startMs + 1000));
      assert.equal(step.timeMs, startMs + 1000 + byMs);
      clock.advance(1000);
      stream.sweep();
      assert.ok(
        taken().every(({ type }) => type !== 'clock-stepped'),
        'told once',
      );
    });
  }

  it('begins another stream before its numbers end, which names the one before', () => {
    const before: bigint[] = [];
    const { stream, log } = streamUnderTest({
      seqMax: 2 * SEALED_RECORDS_MAX + 2000,
      previousRun: (current) => {
        before.push(current);
        const epoch = before.at(-2);
        return epoch === undefined ? undefined : { epoch, lastSeal: undefined };
      },
    });
    stream.open(WITNESS.privateKey, ROOM);
    add(stream, SEAL_DUE_RECORDS + 1000);
    assert.deepEqual(before, [1n, 2n]);
    assert.equal(stream.epoch, 2n);
    const run = log.oldest(1000);
    assert.equal(run?.epoch, 1n);
    if (run !== undefined) log.drop(run);
    stream.close();
    assert.deepEqual(faultsIn(log), []);
  });

  it('tells one time in all records of a turn', () => {
    const { stream, clock, taken } = streamUnderTest();
    stream.open(WITNESS.privateKey, ROOM);
    stream.turnOver();
    add(stream);
    clock.advance(3);
    add(stream);
    stream.turnOver();
    add(stream);
    const [, first, second, third] = taken().map(({ timeMs }) => timeMs);
    assert.equal(second, first);
    assert.equal(third, (first as number) + 3);
  });

  it('passes on how soon a record must leave', () => {
    const { stream, hastes } = streamUnderTest();
    stream.open(WITNESS.privateKey, ROOM);
    stream.begin(AUDIT_TYPE['channel-opened'])?.string(FIELD.peerNode, 'g');
    stream.end('urgent');
    assert.deepEqual(hastes, ['prompt', 'urgent']);
  });

  for (const [seenTo, told] of [
    ['none', ['patient', 'prompt', 'urgent']],
    ['patient', ['prompt', 'urgent']],
    ['prompt', ['urgent']],
  ] as const) {
    it(`tells of ${told.join(', ')} where what is seen to is ${seenTo}`, () => {
      const { stream, hastes, log } = streamUnderTest();
      stream.open(WITNESS.privateKey, ROOM);
      hastes.length = 0;
      log.seenTo = seenTo;
      for (const haste of ['patient', 'prompt', 'urgent'] as const) {
        stream.begin(AUDIT_TYPE['channel-opened'])?.string(FIELD.peerNode, 'g');
        stream.end(haste);
      }
      assert.deepEqual(hastes, told);
    });
  }
});
