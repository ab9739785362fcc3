import { createHash, generateKeyPairSync, type Hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FileJournal } from '@sallyport/app-gateway/adapters/files/journal.ts';
import { Appender } from '@sallyport/app-gateway/ledger/appender.ts';
import { Checkpoints } from '@sallyport/app-gateway/ledger/checkpoints.ts';
import { type AuditPeer, Intake } from '@sallyport/app-gateway/ledger/intake.ts';
import type { LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { sealHash, sealRecord } from '@sallyport/shared/audit/seal.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { callIdAt, EPOCH, recordAt } from './src/ledger-records.ts';
import { LEDGER_OPTIONS, openLedgerStore } from './src/ledger-store.ts';

/**
 * How fast a gateway takes records in, from a proxy's frames to the database: checked against their seals, journal on
 * the disk, tree, checkpoints every two seconds. Then how long a search takes.
 *
 * `node bench/audit-ledger.ts --records 1000000 [--rate 20000] [--socket FOLDER --port 5432 --database bench --user me]`;
 * without a socket the database is an embedded one in memory.
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '400000' },
    rate: { type: 'string', default: '0' },
    ...LEDGER_OPTIONS,
  },
});
const RECORDS = Number(values.records);
const RATE = Number(values.rate);
const FRAME_BYTES = 4000;
const SEAL_EVERY = 4000;
const WAITING_BYTES_MAX = 16_777_216;
const witness = generateKeyPairSync('ed25519');

/** One worker's stream in frames: requests and their answers, sealed. */
function* frames(): Generator<{ readonly payload: Buffer; readonly records: number }> {
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(EPOCH);
  const startMs = Date.now();
  let pieces: Buffer[] = [];
  let bytes = 0;
  let unsealed: Hash = createHash('sha256');
  let firstSeq = 0;
  let previousSeal: Buffer | undefined;
  for (let seq = 0; seq < RECORDS; seq++) {
    let record = recordAt(seq, startMs + seq / 20);
    if (seq - firstSeq === SEAL_EVERY) {
      const recordsHash = unsealed.digest();
      const seal = { timeMs: startMs, seq, firstSeq, lastSeq: seq - 1, recordsHash, previousSeal };
      record = sealRecord(seal, witness.privateKey);
      unsealed = createHash('sha256');
      previousSeal = sealHash(record);
      firstSeq = seq + 1;
    } else {
      unsealed.update(record);
    }
    pieces.push(record);
    bytes += record.length;
    if (bytes < FRAME_BYTES && seq + 1 < RECORDS) continue;
    yield { payload: Buffer.concat([head, ...pieces]), records: pieces.length };
    pieces = [];
    bytes = 0;
  }
}

async function takeIn(store: LedgerStore, folder: string): Promise<void> {
  const fail = (what?: unknown) => {
    throw new Error(JSON.stringify(what));
  };
  const parts: { appender?: Appender } = {};
  const events = { failing: fail, recovered: fail, tailCut: fail, damaged: fail, setBack: fail };
  const journal = await FileJournal.open({
    folder,
    bytesMax: 1e12,
    events: { ...events, news: () => parts.appender?.wake() },
  });
  let size = 0;
  let signed = 0;
  const checkpoints = new Checkpoints({
    store,
    origin: 'sallyport/bench',
    signingKey: witness.privateKey,
    clock: systemClock,
    signed: async () => {
      signed++;
    },
    failing: fail,
    recovered: () => undefined,
  });
  const appender = new Appender({
    journal,
    store,
    clock: systemClock,
    events: {
      ...events,
      appended: ({ head }) => {
        size = head.size;
        checkpoints.grown();
      },
    },
  });
  parts.appender = appender;
  let isPaused = false;
  const peer: AuditPeer = {
    node: 'edge-1',
    worker: 0,
    acknowledge: () => undefined,
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
    },
    close: fail,
  };
  const intake = new Intake({
    journal,
    spoolKey: generateKeyPairSync('x25519').privateKey,
    witnessKey: () => witness.publicKey,
    waitingBytesMax: WAITING_BYTES_MAX,
    bytesPerSecond: () => Number.POSITIVE_INFINITY,
    clock: systemClock,
    events: {
      malformed: fail,
      chainBroken: (_, seq, fault) => fail([seq, fault]),
      blobUnreadable: fail,
      witnessUnknown: fail,
      slowed: fail,
    },
  });
  const all = [...frames()];
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  let given = 0;
  for (const [at, { payload, records }] of all.entries()) {
    intake.records(peer, payload, 0, payload.length);
    given += records;
    if (at % 8 === 7) await new Promise(setImmediate);
    while (isPaused) await delay(1);
    while (RATE > 0 && (given / (performance.now() - startMs)) * 1000 > RATE) await delay(1);
  }
  while (size < RECORDS) await delay(5);
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(startCpu);
  console.log(`records a second: ${Math.round((RECORDS / tookMs) * 1000)}`);
  console.log(`gateway CPU: ${((user + system) / RECORDS).toFixed(1)} µs a record`);
  console.log(`checkpoints: ${signed}`);
  await appender.stop();
  await checkpoints.stop();
  await journal.close();
}

const RUNS = 5;

async function search(store: LedgerStore): Promise<void> {
  for (let run = 0; run < RUNS; run++) {
    const callId = callIdAt(1 + 2 * Math.floor(((run + 0.5) / RUNS / 2) * RECORDS));
    const startMs = performance.now();
    const found = await store.search({ callIds: [callId], order: 'newest-first', limit: 100 });
    const tookMs = performance.now() - startMs;
    console.log(`by Call-ID: ${found.ok ? found.value.length : -1} in ${tookMs.toFixed(1)} ms`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'audit-ledger-'));
const store = await openLedgerStore(values);
await takeIn(store.ledger, folder);
await search(store.ledger);
await store.close();
rmSync(folder, { recursive: true });
