import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LedgerStatistics } from '@sallyport/app-gateway/ledger/ledger-statistics.ts';
import { PackReader } from '@sallyport/app-gateway/ledger/verify/pack-reader.ts';
import { consistencyProof, leafHash, nodeHash } from '@sallyport/shared/audit/merkle.ts';
import { type Pair, startPair } from '../integration/support/pair.ts';
import { requestText } from '../integration/support/pair-message.ts';
import { EMBEDDED } from '../integration/support/pair-site.ts';
import { needs } from './support/available.ts';
import { environment } from './support/environment.ts';
import { TransparencyVerifier } from './support/transparency.ts';
import { until } from './support/wait.ts';

const { skip } = needs('go');
const MAIN = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));
const WITNESSED_MS = 20_000;
const MESSAGES = 40;

it('golang.org/x/mod takes checkpoints, cosignatures, tree and proofs, and nothing that was changed', {
  skip,
  timeout: 240_000,
}, async (t) => {
  const verifier = new TransparencyVerifier();
  t.after(() => verifier.close());
  const pair = await startPair(t, { database: EMBEDDED });
  const partner = await pair.partner();
  for (let number = 0; number < MESSAGES; number++) {
    const answer = await partner.ask(requestText('MESSAGE', { callId: `go-${number}` }));
    assert.equal(answer.status, 200);
    if (number % 10 === 9) await witnessed(pair);
  }
  await audit(pair, 'keys', '--out', 'kept');
  await audit(pair, 'export', '--format', 'pack', '--out', 'all.pack');
  const { records, checkpoints } = contentOf(readFileSync(join(pair.site.folder, 'all.pack')));
  const sizes = checkpoints.map((text) => Number(text.split('\n')[1]));
  const size = Math.max(...sizes);
  assert.ok(records.length === size && size > 2 * MESSAGES, `${size} records`);
  const proofs: string[] = [];
  for (const index of [0, 1, Math.floor(size / 2), size - 1]) {
    await audit(pair, 'proof', String(index), '--out', `${index}.tlog-proof`);
    proofs.push(readFileSync(join(pair.site.folder, `${index}.tlog-proof`), 'utf8'));
  }
  const kept = (name: string) => readFileSync(join(pair.site.folder, 'kept', name), 'utf8');
  const vkeys = kept('ledger-keys.txt').split('\n').slice(0, -1);
  const keptCheckpoint = kept('ledger-checkpoint.txt');
  await pair.stop();

  const hashAt = treeOf(records);
  const consistency = sizes
    .filter((older) => older < size)
    .map((older) => ({
      older,
      newer: size,
      path: consistencyProof(older, size, hashAt).map((hash) =>
        Buffer.from(hash).toString('base64'),
      ),
    }));
  assert.ok(consistency.length > 1, `${sizes.join()}: too few checkpoints`);
  const question = {
    vkeys,
    checkpoints: [...checkpoints, keptCheckpoint],
    records: records.map((record) => record.toString('base64')),
    proofs,
    consistency,
  };
  const answer = verifier.ask(question);
  assert.ok(typeof answer === 'object', String(answer));
  assert.equal(answer.Checkpoints?.length, checkpoints.length + 1);
  const newest = answer.Checkpoints?.at(-2);
  assert.deepEqual([newest?.Origin, newest?.Size], ['sallyport/acme', size]);
  assert.ok(answer.Checkpoints?.some(({ Witnesses }) => 'edge-1' in Witnesses));
  assert.equal(answer.Consistency, consistency.length);
  for (const { Index, Record } of answer.Proofs ?? []) {
    assert.equal(Record, records[Index]?.toString('base64'));
  }
  assert.equal(answer.Proofs?.length, proofs.length);

  const swapped = [...question.records];
  [swapped[3], swapped[4]] = [swapped[4] ?? '', swapped[3] ?? ''];
  const [proof = ''] = proofs;
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ records: swapped }, /another root/],
    [
      { checkpoints: [keptCheckpoint.replace(/\n\d+\n/, '\n3\n')] },
      /checkpoint: invalid signature/,
    ],
    [{ checkpoints: [withOtherTime(keptCheckpoint)] }, /invalid signature for key edge-1/],
    [{ vkeys: vkeys.slice(1) }, /not the three lines of this ledger|no verifiable signatures/],
    [{ proofs: [proof.replace('index 0', 'index 1')] }, /proof: /],
    [{ consistency: consistency.map((one) => ({ ...one, older: one.older - 1 })) }, /consistency/],
  ];
  for (const [change, reason] of wrong) {
    const refused = verifier.ask({ ...question, ...change });
    assert.match(typeof refused === 'string' ? refused : 'accepted', reason);
  }
});

/** The command, as an auditor types it, in the folder of the site. */
async function audit(pair: Pair, ...words: readonly string[]): Promise<string> {
  const gateway = join(pair.site.folder, 'hosts/gateway-1');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [MAIN, 'audit', ...words, '--bundle', gateway],
    { cwd: pair.site.folder, env: { ...environment }, encoding: 'utf8' },
  );
  return stdout;
}

/** Waits until everything up to now is in a tree that a proxy has signed. */
async function witnessed(pair: Pair): Promise<void> {
  const before = (await stats(pair)).size;
  await until('witnesses', WITNESSED_MS, async () => {
    const { witnessedSize = 0 } = await stats(pair);
    return witnessedSize >= before || undefined;
  });
}

async function stats(pair: Pair): Promise<LedgerStatistics> {
  const text = await audit(pair, 'stats', '--json');
  return (JSON.parse(text) as { readonly answer: LedgerStatistics }).answer;
}

function contentOf(pack: Buffer) {
  const records: Buffer[] = [];
  const checkpoints: string[] = [];
  const reader = new PackReader({
    header: () => undefined,
    keys: () => undefined,
    checkpoint: (text) => checkpoints.push(text),
    subtree: () => undefined,
    source: () => undefined,
    tile: () => undefined,
    record: (_index, _source, bytes, start, end) => {
      records.push(Buffer.from(bytes.subarray(start, end)));
    },
  });
  reader.push(pack);
  assert.equal(reader.end(), undefined);
  return { records, checkpoints };
}

/** Hashes of the tree, level by level. */
function treeOf(records: readonly Buffer[]) {
  const levels = [records.map((record) => leafHash(record))];
  for (let below = levels[0] ?? []; below.length > 1; below = levels.at(-1) ?? []) {
    const hashes: Buffer[] = [];
    for (let at = 0; at + 1 < below.length; at += 2) {
      hashes.push(nodeHash(below[at] ?? Buffer.alloc(0), below[at + 1] ?? Buffer.alloc(0)));
    }
    levels.push(hashes);
  }
  return (level: number, index: number) => levels[level]?.[index] ?? assert.fail('no such hash');
}

/** The last digit of base64 that holds nothing but the time of the first witness. */
function withOtherTime(checkpoint: string): string {
  return checkpoint.replace(
    /(\n\u2014 edge-1 .{14})(.)/,
    (_, head: string, digit: string) => `${head}${digit === 'A' ? 'B' : 'A'}`,
  );
}
