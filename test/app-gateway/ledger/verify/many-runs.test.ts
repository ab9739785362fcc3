import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FindingCode } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import { FindingList } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import { SiteClaims } from '@sallyport/app-gateway/ledger/verify/site-claims.ts';
import { StreamCheck } from '@sallyport/app-gateway/ledger/verify/stream-check.ts';
import {
  judgeStreams,
  type StreamEvidence,
} from '@sallyport/app-gateway/ledger/verify/stream-findings.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { processorMs } from '../../../processor-ms.ts';

const MANY = 20_000;
/** Far more than so many take; some seconds where all that came before are gone over for each. */
const ENOUGH_MS = 1000;
const SOURCE = { node: 'edge-1', worker: 0, epoch: 5n };

describe('records of a stream in any order', () => {
  const orders: readonly (readonly [string, (at: number) => number, number])[] = [
    ['every other number', (at) => 2 * at + 1, MANY - 1],
    ['every other number, the last one first', (at) => 2 * (MANY - at) - 1, MANY - 1],
    ['odd numbers, then even ones', (at) => (at < MANY / 2 ? 2 * at + 1 : 2 * at - MANY), 0],
  ];
  for (const [what, seqOf, holes] of orders) {
    it(`${what}: in time that grows with their number alone`, () => {
      const records = Array.from({ length: MANY }, (_, at) =>
        encodeRecord({
          type: 'message-answered',
          timeMs: 1,
          seq: seqOf(at),
          fields: { requestSeq: 1, status: 200, size: 1 },
        }),
      );
      const counts: number[] = [];
      const ms = processorMs(() => {
        const findings = new FindingList();
        const stream = new StreamCheck(SOURCE, undefined, findings);
        for (const [at, record] of records.entries()) stream.take(at, record, 0, record.length);
        stream.end(false, []);
        const listed = findings.all.filter(({ code }) => code === 'sequence-hole');
        counts.push(stream.summary.records, listed.length + findings.leftOut);
      }, ENOUGH_MS);
      assert.ok(ms < ENOUGH_MS, `${ms} ms`);
      assert.deepEqual(counts.slice(0, 2), [MANY, holes]);
    });
  }
});

describe('thousands of runs of one worker', () => {
  const streamOf = (epoch: bigint, previousEpoch: bigint, findings: FindingList) => {
    const stream = new StreamCheck({ ...SOURCE, epoch }, undefined, findings);
    const seal = { previousSeal: Buffer.alloc(32), previousSealSeq: 7 };
    const record = encodeRecord({
      type: 'stream-opened',
      timeMs: Number(epoch),
      seq: 0,
      fields: {
        ...{ node: SOURCE.node, worker: 0, epoch, programVersion: '1', previousEpoch },
        ...(previousEpoch > MANY && seal),
      },
    });
    stream.take(Number(epoch), record, 0, record.length);
    return stream;
  };

  it('are judged in time that grows with their number alone', () => {
    const codes = new Set<FindingCode>();
    const evidence = () => {
      const findings = new FindingList();
      const streams = Array.from({ length: MANY }, (_, at) =>
        // Each but the last knows one that is not here, too: none of them is where it says.
        streamOf(BigInt(at + 1), at % 2 === 0 ? BigInt(at) : BigInt(at + 2 * MANY), findings),
      );
      return {
        streams,
        claims: new SiteClaims(),
        isWhole: true,
        from: 0,
        dropped: [],
        wholeFrom: 0,
        isToTheEnd: true,
        newestMs: MANY,
        witnesses: [],
        findings,
      };
    };
    const judge = (all: StreamEvidence) => {
      judgeStreams(all);
      for (const { code } of all.findings.all) codes.add(code);
    };
    const ms = processorMs(judge, ENOUGH_MS, evidence);
    assert.ok(ms < ENOUGH_MS, `${ms} ms`);
    const ofTails = ['tail-unsealed-after-kill', 'tail-unsealed'];
    assert.deepEqual(codes, new Set(['run-unknown', 'run-missing', ...ofTails]));
  });
});
