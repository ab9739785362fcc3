import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { SEALED_RECORDS_MAX, sealHash, sealRecord } from '@sallyport/shared/audit/seal.ts';
import { SealChain } from '@sallyport/shared/audit/seal-chain.ts';
import fc from 'fast-check';

const node = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const TIME_MS = 1_795_248_000_000;

interface StreamShape {
  /** Records under each seal, the first of all being `stream-opened`. */
  readonly spans: readonly number[];
  /** Records behind the last seal. */
  readonly tail?: number;
  readonly key?: KeyObject;
  readonly callId?: string;
}

/** A whole stream, record by record. */
function streamOf({
  spans,
  tail = 0,
  key = node.privateKey,
  callId = 'a@b',
}: StreamShape): Buffer[] {
  const records: Buffer[] = [];
  let previousSeal: Buffer | undefined;
  const add = (): Buffer => {
    const seq = records.length;
    const record =
      seq === 0
        ? encodeRecord({
            type: 'stream-opened',
            timeMs: TIME_MS,
            seq,
            fields: { node: 'edge-1', worker: 0, epoch: 7n, programVersion: '0.1.0' },
          })
        : encodeRecord({
            type: 'message-admitted',
            timeMs: TIME_MS + seq,
            seq,
            fields: { callId: `${callId}${seq}`, method: 'x'.repeat(seq % 32) },
          });
    records.push(record);
    return record;
  };
  for (const span of spans) {
    const firstSeq = records.length;
    const hash = createHash('sha256');
    for (let count = 0; count < span; count++) hash.update(add());
    const seq = records.length;
    const recordsHash = hash.digest();
    const seal = sealRecord(
      { timeMs: TIME_MS + seq, seq, firstSeq, lastSeq: seq - 1, recordsHash, previousSeal },
      key,
    );
    previousSeal = sealHash(seal);
    records.push(seal);
  }
  for (let count = 0; count < tail; count++) add();
  return records;
}

/** `number: fault` for every fault of the stream. */
function faultsOf(records: readonly Buffer[], chain = new SealChain(node.publicKey)): string[] {
  return records.flatMap((record, place) => {
    const around = Buffer.concat([Buffer.of(1, 2), record, Buffer.of(3)]);
    return chain.take(around, 2, 2 + record.length).map((fault) => `${place}: ${fault}`);
  });
}

function changed(record: Buffer | undefined): Buffer {
  const copy = Buffer.from(record ?? assert.fail('no such record'));
  copy[copy.length - 1] = (copy[copy.length - 1] as number) ^ 1;
  return copy;
}

/** 0 to 3 and seal 4, 5 to 7 and seal 8, 9 and seal 10, and an open end, 11 and 12. */
const SHAPE: StreamShape = { spans: [4, 3, 1], tail: 2 };
const stream = streamOf(SHAPE);
const rewritten = streamOf({ ...SHAPE, callId: 'c@d' });
const foreign = streamOf({ ...SHAPE, key: other.privateKey });
const at = (place: number) => stream[place] ?? assert.fail('no such record');

//  what was done                       stream                                                   faults
const rows: readonly (readonly [string, readonly Buffer[], readonly string[]])[] = [
  ['nothing', stream, []],
  ['one byte of a record', stream.with(2, changed(at(2))), ['4: seal-hash']],
  ['one byte of the first record', stream.with(0, changed(at(0))), ['4: seal-hash']],
  ['one byte of a seal', stream.with(4, changed(at(4))), ['4: seal-signature', '8: seal-previous']],
  ['a record that is none any more', stream.with(2, at(2).subarray(0, -1)), ['2: record-length']],
  ['a record removed', stream.toSpliced(2, 1), ['2: records-missing']],
  ['a seal removed', stream.toSpliced(4, 1), ['4: records-missing']],
  ['a middle removed, with its seal', stream.toSpliced(5, 4), ['5: records-missing']],
  ['the beginning removed', stream.slice(5), ['0: records-missing']],
  [
    'two records swapped',
    stream.toSpliced(1, 2, at(2), at(1)),
    ['1: records-missing', '2: record-repeated'],
  ],
  ['a record twice', stream.toSpliced(2, 0, at(2)), ['3: record-repeated']],
  [
    'an old copy behind the whole',
    [...stream, ...stream.slice(0, 2)],
    ['13: record-repeated', '14: record-repeated'],
  ],
  ['a record of another stream', stream.with(6, rewritten[6] ?? at(6)), ['8: seal-hash']],
  [
    'a seal of another stream',
    stream.with(4, rewritten[4] ?? at(4)),
    ['4: seal-hash', '8: seal-previous'],
  ],
  [
    'the end of another stream',
    [...stream.slice(0, 5), ...rewritten.slice(5)],
    ['8: seal-previous'],
  ],
  [
    'all signed by another key',
    foreign,
    ['4: seal-signature', '8: seal-signature', '10: seal-signature'],
  ],
];

describe('chain of seals, after', () => {
  for (const [what, records, faults] of rows) {
    it(`${what}: ${faults.join(', ') || 'no fault'}`, () => {
      assert.deepEqual(faultsOf(records), faults);
    });
  }

  it('a beginning that opens nothing', () => {
    const opening = encodeRecord({ type: 'message-admitted', timeMs: 1, seq: 0, fields: {} });
    assert.deepEqual(faultsOf([opening]), ['0: stream-not-opened']);
    const again = encodeRecord({
      type: 'stream-opened',
      timeMs: 1,
      seq: 1,
      fields: { node: 'edge-1', worker: 0, epoch: 7n, programVersion: '0.1.0' },
    });
    assert.deepEqual(faultsOf([at(0), again]), ['1: stream-not-opened']);
  });
});

describe('chain of seals', () => {
  it('tells what no seal covers, and what must come next', () => {
    const chain = new SealChain(node.publicKey);
    assert.equal(chain.nextSeq, 0);
    faultsOf(stream, chain);
    assert.equal(chain.unsealedRecords, 2);
    assert.equal(chain.nextSeq, 13);
  });

  it('wants a seal in time', () => {
    const isFine = streamOf({ spans: [SEALED_RECORDS_MAX, SEALED_RECORDS_MAX] });
    assert.deepEqual(faultsOf(isFine), []);
    const isLate = streamOf({ spans: [SEALED_RECORDS_MAX + 1, 1] });
    assert.deepEqual(faultsOf(isLate), [`${SEALED_RECORDS_MAX}: seal-overdue`]);
  });

  it('refuses a seal over others than the records before it', () => {
    const seal = (firstSeq: number, lastSeq: number) =>
      sealRecord(
        {
          timeMs: TIME_MS,
          seq: 1,
          firstSeq,
          lastSeq,
          recordsHash: createHash('sha256').update(at(0)).digest(),
          previousSeal: undefined,
        },
        node.privateKey,
      );
    assert.deepEqual(faultsOf([at(0), seal(0, 0)]), []);
    assert.deepEqual(faultsOf([at(0), seal(1, 0)]), ['1: seal-range']);
    assert.deepEqual(faultsOf([at(0), seal(0, 1)]), ['1: seal-range']);
  });

  it('is entered later where what came before is gone lawfully', () => {
    for (let from = 0; from < stream.length; from++) {
      const chain = new SealChain(node.publicKey, { isLaterPart: true });
      assert.equal(chain.nextSeq, undefined);
      assert.deepEqual(faultsOf(stream.slice(from), chain), [], `from ${from}`);
    }
    const chain = new SealChain(node.publicKey, { isLaterPart: true });
    const damaged = stream.slice(5).with(1, changed(at(6)));
    assert.deepEqual(faultsOf(damaged, chain), []);
    const later = stream.slice(3).with(3, changed(at(6)));
    const second = new SealChain(node.publicKey, { isLaterPart: true });
    assert.deepEqual(faultsOf(later, second), ['5: seal-hash']);
  });

  it('finds any byte that is changed under a seal', () => {
    const sealed = streamOf({ spans: [3, 50, 2] });
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (one, two, flip) => {
        const place = one % sealed.length;
        const record = Buffer.from(sealed[place] as Buffer);
        const byte = two % record.length;
        record[byte] = (record[byte] as number) ^ flip;
        assert.notDeepEqual(faultsOf(sealed.with(place, record)), []);
      }),
    );
  });
});
