import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FindingCode } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import { FRAME } from '@sallyport/app-gateway/ledger/verify/pack-format.ts';
import type { VerifyReport } from '@sallyport/app-gateway/ledger/verify/verify-report.ts';
import { type AuditRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import type { AuditSource } from '@sallyport/shared/audit/source.ts';
import { processorMs } from '../../../processor-ms.ts';
import { AuditedSite, ORIGIN } from '../audited-site.ts';
import { found, verify } from './verifying.ts';

const site = new AuditedSite();

/** Comparing each with each takes from half a minute to hours. */
const JUDGED_MS = 10_000;

type Placed = readonly [source: AuditSource, record: AuditRecord];

/** A file as nobody's program writes it: these records, each in a frame of its own, and a place missing before each where there are holes. */
function fileOf(records: readonly Placed[], hasHoles = false): Buffer {
  const width = hasHoles ? 2 : 1;
  const to = width * records.length;
  const header = {
    format: 'sallyport-audit-pack',
    version: 1,
    origin: ORIGIN,
    from: 0,
    to,
    size: to,
  };
  const pieces: Buffer[] = [Buffer.from(`${JSON.stringify(header)}\n`)];
  let last: AuditSource | undefined;
  for (const [at, [source, record]] of records.entries()) {
    if (source !== last) pieces.push(sourceFrame(source));
    last = source;
    const index = width * (at + 1) - 1;
    pieces.push(frame(FRAME.records, u64(index), Buffer.alloc(2), encodeRecord(record)));
  }
  return Buffer.concat([...pieces, frame(FRAME.end, u64(records.length))]);
}

function sourceFrame({ node, worker, epoch }: AuditSource): Buffer {
  return frame(FRAME.source, Buffer.of(0, 0, worker), u64(epoch), Buffer.from(node));
}

function frame(kind: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.writeUInt8(kind);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

function u64(number: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}

const EDGE = { node: 'edge-1', worker: 0, epoch: 1n };
const GATEWAY = { node: 'gateway-1', worker: 0, epoch: 1n };
const LOST = { lostRecords: 0, lostFromMs: 0n, lostUntilMs: 0n };

/** Pieces of a run, the last first, none of which goes on where another ends. */
function pieces(count: number): readonly Placed[] {
  return Array.from({ length: count }, (_, at) => {
    return [EDGE, { type: 'gap', timeMs: 1, seq: 2 * (count - at), fields: LOST }];
  });
}

/** Runs, each of which names another as the one before it. */
function runs(count: number): readonly Placed[] {
  return Array.from({ length: count }, (_, at) => {
    const epoch = BigInt(at);
    const fields = { ...EDGE, epoch, programVersion: '1', previousEpoch: epoch + 1n };
    return [
      { ...EDGE, epoch },
      { type: 'stream-opened', timeMs: at, seq: 0, fields },
    ];
  });
}

/** Days that go and are kept, between which nothing is there. */
function days(count: number): readonly Placed[] {
  return Array.from({ length: count }, (_, at) => {
    const fields = { day: '2026-01-01', firstIndex: BigInt(2 * at), entries: 1n };
    return at % 2 === 0
      ? [GATEWAY, { type: 'day-dropped', timeMs: 1, seq: at, fields }]
      : [GATEWAY, { type: 'day-kept', timeMs: 1, seq: at, fields: { ...fields, treeSize: 0n } }];
  });
}

const FILES: readonly (readonly [string, () => Buffer, FindingCode, string | undefined])[] = [
  ['pieces of a run', () => fileOf(pieces(20_002)), 'not-all-judged', undefined],
  ['runs of a worker', () => fileOf(runs(20_000)), 'run-unknown', undefined],
  [
    'days that are missing, go and are kept',
    () => fileOf(days(8000), true),
    'records-missing',
    undefined,
  ],
  ['records of days', () => fileOf(days(50_001)), 'not-all-judged', '1 records of days and holds'],
];

describe('a file that was made to keep a verifier busy', () => {
  for (const [what, make, code, detail] of FILES) {
    it(`${what}: is judged in a moment`, () => {
      const file = make();
      let report: VerifyReport | undefined;
      const ms = processorMs(() => {
        report = verify(file, { keys: site.publicKeys }, 65_536);
      }, JUDGED_MS);
      assert.ok(ms < JUDGED_MS, `${ms} ms`);
      assert.ok(report?.isGood === false);
      const finding = found(report, code);
      if (detail !== undefined) assert.equal(finding.detail, detail);
    });
  }
});
