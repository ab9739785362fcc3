import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, hash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LedgerKeys } from '@sallyport/app-gateway/ledger/verify/pack-format.ts';
import { PACK_FORMAT, PACK_VERSION } from '@sallyport/app-gateway/ledger/verify/pack-format.ts';
import {
  checkpointFrame,
  endFrame,
  keysFrame,
  packHeader,
  recordsFrame,
  sourceFrame,
  tileFrame,
} from '@sallyport/app-gateway/ledger/verify/pack-writer.ts';
import { Verification } from '@sallyport/app-gateway/ledger/verify/verification.ts';
import { formatCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { cosign } from '@sallyport/shared/audit/cosignature.ts';
import { leafHash } from '@sallyport/shared/audit/merkle.ts';
import { formatNote, signNote } from '@sallyport/shared/audit/note.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { sealHash, sealRecord } from '@sallyport/shared/audit/seal.ts';
import { TileBuilder } from '@sallyport/shared/audit/tile-builder.ts';
import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';

/**
 * How fast an export is verified: `node bench/audit-verify.ts --records 1000000`.
 *
 * Writes an honest ledger of four proxies' workers into a file (messages with the fields of RFC 6872, and their answers),
 * then reads and verifies that file in a stream, as `sallyport audit verify FILE` does.
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    /** Of the process that only writes the file, so that its memory is not counted. */
    write: { type: 'string' },
  },
});
const RECORDS = Number(values.records);
const WORKERS = 4;
const SEAL_EVERY = 1000;
const ORIGIN = 'sallyport/bench';
const START_MS = Date.UTC(2026, 10, 21);

const ledgerKey = generateKeyPairSync('ed25519').privateKey;
const nodeKey = generateKeyPairSync('ed25519').privateKey;
const keys: LedgerKeys = {
  origin: ORIGIN,
  ledger: rawPublicKey(ledgerKey).toString('base64'),
  witnesses: { 'edge-1': rawPublicKey(nodeKey).toString('base64') },
};

interface Worker {
  readonly number: number;
  seq: number;
  unsealedFrom: number;
  unsealed: Buffer[];
  lastSeal: Buffer | undefined;
}

/** The next record of a worker: opening, seal, request or answer. */
function nextRecord(worker: Worker, index: number): Buffer {
  const { seq } = worker;
  const timeMs = START_MS + Math.floor(index / 10);
  if (worker.unsealed.length === SEAL_EVERY) {
    const seal = sealRecord(
      {
        timeMs,
        seq,
        firstSeq: worker.unsealedFrom,
        lastSeq: seq - 1,
        recordsHash: hash('sha256', Buffer.concat(worker.unsealed), 'buffer'),
        previousSeal: worker.lastSeal,
      },
      nodeKey,
    );
    worker.unsealed = [];
    worker.unsealedFrom = seq + 1;
    worker.lastSeal = sealHash(seal);
    worker.seq++;
    return Buffer.from(seal);
  }
  const record = messageRecord(worker, timeMs, index);
  worker.unsealed.push(record);
  worker.seq++;
  return record;
}

function messageRecord({ seq, number }: Worker, timeMs: number, index: number): Buffer {
  if (seq === 0) {
    const fields = {
      node: 'edge-1',
      worker: number,
      epoch: BigInt(number),
      programVersion: '0.1.0',
    };
    return encodeRecord({ type: 'stream-opened', timeMs, seq, fields });
  }
  if (seq % 2 === 0) {
    const fields = {
      requestSeq: seq - 1,
      status: 200,
      toTag: `tag${index}`,
      connection: 7,
    };
    return encodeRecord({ type: 'message-answered', timeMs, seq, fields });
  }
  return encodeRecord({
    type: 'message-admitted',
    timeMs,
    seq,
    fields: {
      connection: 7,
      partner: 'globex',
      source: '192.0.2.77',
      requestUri: 'sip:bob@acme.example',
      cseq: `${index} MESSAGE`,
      callId: `${hash('sha256', String(index)).slice(0, 24)}@client.globex.example`,
      from: 'sip:alice@globex.example',
      fromTag: `f${index}`,
      serverTransaction: `z9hG4bK-${index}`,
      size: 612,
    },
  });
}

function writePack(path: string): void {
  const workers: Worker[] = Array.from({ length: WORKERS }, (_, number) => ({
    number,
    seq: 0,
    unsealedFrom: 0,
    unsealed: [],
    lastSeal: undefined,
  }));
  const tree = new TileBuilder();
  const batches: { index: number; records: { source: number; record: Buffer }[] }[] = [];
  for (let index = 0; index < RECORDS; index += TILE_WIDTH) {
    const records = Array.from({ length: Math.min(TILE_WIDTH, RECORDS - index) }, (_, at) => {
      const worker = workers[(index + at) % WORKERS] as Worker;
      return { source: worker.number, record: nextRecord(worker, index + at) };
    });
    for (const { record } of records) tree.append(leafHash(record));
    batches.push({ index, records });
  }
  const text = formatCheckpoint({
    origin: ORIGIN,
    size: RECORDS,
    root: tree.root(),
    extensions: [],
  });
  const signatures = [
    signNote(text, ORIGIN, ledgerKey),
    cosign(text, START_MS / 1000, nodeKey, 'edge-1'),
  ];
  const file = openSync(path, 'w');
  writeSync(
    file,
    packHeader({
      format: PACK_FORMAT,
      version: PACK_VERSION,
      origin: ORIGIN,
      from: 0,
      to: RECORDS,
      size: RECORDS,
    }),
  );
  writeSync(file, keysFrame(keys));
  writeSync(file, checkpointFrame(formatNote({ text, signatures })));
  for (const { number } of workers) {
    writeSync(
      file,
      sourceFrame({ number, source: { node: 'edge-1', worker: number, epoch: BigInt(number) } }),
    );
  }
  const tiles = new Map(
    [...tree.takeFull(), ...tree.partialTiles()]
      .filter(({ level }) => level === 0)
      .map((tile) => [tile.index, tile.bytes]),
  );
  for (const { index, records } of batches) {
    const number = index / TILE_WIDTH;
    const tile = tiles.get(number);
    if (tile !== undefined) writeSync(file, tileFrame(number, tile));
    writeSync(file, recordsFrame(index, records));
  }
  writeSync(file, endFrame(RECORDS));
  closeSync(file);
}

/** Verifies the file as often as wanted, and says how fast. */
async function measure(path: string, pinned: LedgerKeys): Promise<void> {
  const { size } = statSync(path);
  process.stdout.write(
    `${RECORDS} records, ${(size / RECORDS).toFixed(0)} octets each in the file\n`,
  );
  for (let run = 0; run < Number(values.runs); run++) {
    const start = performance.now();
    const verification = new Verification({ keys: pinned });
    for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
      verification.push(chunk as Buffer);
    }
    const report = verification.end();
    const seconds = (performance.now() - start) / 1000;
    const memory = Math.round(process.memoryUsage.rss() / 1_048_576);
    const verdict = report.isGood ? 'good' : JSON.stringify(report.findings.slice(0, 5));
    process.stdout.write(
      `${verdict}  ${seconds.toFixed(2)} s  ${Math.round(RECORDS / seconds)} records/s  ${memory} MiB\n`,
    );
    if (!report.isGood) process.exitCode = 1;
  }
}

if (values.write !== undefined) {
  writePack(values.write);
  writeFileSync(`${values.write}.keys`, JSON.stringify(keys));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-verify-'));
  try {
    const path = join(folder, 'ledger.pack');
    const args = [fileURLToPath(import.meta.url), '--records', values.records, '--write', path];
    execFileSync(process.execPath, args, { stdio: 'inherit' });
    await measure(path, JSON.parse(readFileSync(`${path}.keys`, 'utf8')) as LedgerKeys);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
