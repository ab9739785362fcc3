import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WitnessDesk } from '@sallyport/dmz-proxy/audit/witness-desk.ts';
import { WitnessFile } from '@sallyport/dmz-proxy/audit/witness-file.ts';
import { formatCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { verifyCosignature } from '@sallyport/shared/audit/cosignature.ts';
import { consistencyProof, leafHash, nodeHash } from '@sallyport/shared/audit/merkle.ts';
import { parseSignatureLine, signNote } from '@sallyport/shared/audit/note.ts';
import { NOTE_KEY_TYPE, noteKey } from '@sallyport/shared/audit/note-key.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { formatWitnessRequest } from '@sallyport/shared/audit/witness-request.ts';
import { WITNESS } from './audit-fixture.ts';

const ORIGIN = 'sallyport/acme';
const NOW_MS = 1_800_000_000_500;
const ledger = generateKeyPairSync('ed25519');
const ledgerKey = rawPublicKey(ledger.publicKey);

/** Hash of the subtree over `[start, end)` of leaves named by number. */
function rootOf(start: number, end: number, mark = ''): Buffer {
  if (end - start === 1) return leafHash(Buffer.from(`${start}${mark}`));
  const half = 2 ** Math.floor(Math.log2(end - start - 1));
  return nodeHash(rootOf(start, start + half, mark), rootOf(start + half, end, mark));
}

function checkpoint(size: number, oldSize: number, mark = '', privateKey = ledger.privateKey) {
  const text = formatCheckpoint({
    origin: ORIGIN,
    size,
    root: rootOf(0, size, mark),
    extensions: [],
  });
  const hashAt = (level: number, index: number) =>
    rootOf(index * 2 ** level, (index + 1) * 2 ** level, mark);
  const proof = oldSize === 0 ? [] : consistencyProof(oldSize, size, hashAt);
  const note = { text, signatures: [signNote(text, ORIGIN, privateKey)] };
  return { text, payload: formatWitnessRequest({ oldSize, proof, note }) };
}

describe('the witness of a host', () => {
  let folder: string;
  let forks: number[];
  let failures: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-desk-'));
    forks = [];
    failures = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const path = () => join(folder, 'audit-witness');
  const open = (isUsed = true) => {
    const desk = new WitnessDesk({
      file: new WitnessFile(path()),
      node: 'edge-1',
      witnessKey: WITNESS.privateKey,
      wallMs: () => NOW_MS,
      forked: (size) => forks.push(size),
      failed: () => failures++,
    });
    if (isUsed) desk.use({ origin: ORIGIN, ledgerKey });
    return desk;
  };
  const answerOf = (desk: WitnessDesk, payload: Buffer) => {
    const framed = Buffer.concat([Buffer.from('head'), payload]);
    return desk.answer(framed, 4, framed.length);
  };

  it('gives its word on a ledger that only grew, and remembers it over a restart', () => {
    const first = checkpoint(3, 0);
    const answer = answerOf(open(), first.payload);
    assert.equal(answer.status, 200);
    const line = parseSignatureLine(answer.text.trimEnd());
    const key = noteKey('edge-1', NOTE_KEY_TYPE.cosignature, WITNESS.publicKey);
    assert.ok(line);
    assert.equal(verifyCosignature(first.text, line, key), Math.floor(NOW_MS / 1000));
    assert.equal(answerOf(open(), checkpoint(7, 3).payload).status, 200);
  });

  //  what                                  payload                                    answer
  const table: readonly (readonly [string, () => Buffer, number, string])[] = [
    ['a ledger that starts anew', () => checkpoint(5, 0).payload, 409, '3\n'],
    ['a proof from another size', () => checkpoint(5, 2).payload, 409, '3\n'],
    ['another history', () => checkpoint(5, 3, 'x').payload, 422, ''],
    [
      'somebody else’s key',
      () => checkpoint(5, 3, '', generateKeyPairSync('ed25519').privateKey).payload,
      403,
      '',
    ],
    ['no request', () => Buffer.from('old 3\n'), 400, ''],
  ];
  for (const [what, payload, status, text] of table) {
    it(`${what}: ${status}, and nothing is forgotten`, () => {
      const desk = open();
      answerOf(desk, checkpoint(3, 0).payload);
      assert.deepEqual(answerOf(desk, payload()), { status, text });
      assert.equal(answerOf(desk, checkpoint(4, 3).payload).status, 200);
      assert.deepEqual(forks, []);
    });
  }

  it('a second history of the same size is told to the operators', () => {
    const desk = open();
    answerOf(desk, checkpoint(3, 0).payload);
    assert.deepEqual(answerOf(desk, checkpoint(3, 3, 'x').payload), { status: 409, text: '3\n' });
    assert.deepEqual(forks, [3]);
  });

  it('gives no word that it cannot keep, nor one that it may have forgotten', () => {
    writeFileSync(path(), 'damaged');
    assert.deepEqual(answerOf(open(), checkpoint(3, 0).payload), { status: 500, text: '' });
    rmSync(folder, { recursive: true });
    assert.deepEqual(answerOf(open(), checkpoint(3, 0).payload), { status: 500, text: '' });
    assert.equal(failures, 2);
  });

  it('knows no ledger before a snapshot names one', () => {
    assert.deepEqual(answerOf(open(false), checkpoint(3, 0).payload), { status: 404, text: '' });
  });
});
