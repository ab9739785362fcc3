import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, it } from 'node:test';
import { Checkpoints } from '@sallyport/app-gateway/ledger/checkpoints.ts';
import type { LedgerFailure, LedgerHead } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { parseCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { parseNote, verifyNote } from '@sallyport/shared/audit/note.ts';
import { NOTE_KEY_TYPE, noteKey } from '@sallyport/shared/audit/note-key.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const ORIGIN = 'sallyport/acme';
const KEY = noteKey(ORIGIN, NOTE_KEY_TYPE.ed25519, createPublicKey(privateKey));
const settled = async () => {
  for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
};

describe('checkpoints', () => {
  let clock: ManualClock;
  let head: LedgerHead;
  let failure: LedgerFailure | undefined;
  let kept: { size: number; note: string }[];
  let said: string[];
  let hold: Promise<void>;
  let checkpoints: Checkpoints;
  beforeEach(() => {
    clock = new ManualClock();
    head = { size: 3, root: Buffer.alloc(32, 7) };
    failure = undefined;
    kept = [];
    said = [];
    hold = Promise.resolve();
    checkpoints = new Checkpoints({
      store: {
        head: async (): Promise<Result<LedgerHead, LedgerFailure>> =>
          failure === undefined ? ok(head) : err(failure),
        addCheckpoint: async (size, note) => {
          kept.push({ size, note });
          return ok(undefined);
        },
      },
      origin: ORIGIN,
      signingKey: privateKey,
      clock,
      signed: async (size) => {
        said.push(`signed ${size}`);
        await hold;
      },
      failing: ({ code }) => said.push(`failing: ${code}`),
      recovered: () => said.push('recovered'),
    });
  });
  const advance = async (byMs: number) => {
    clock.advance(byMs);
    await settled();
  };

  it('sign what the ledger is, so that anybody with the key can tell', async () => {
    await advance(2000);
    const note = parseNote(Buffer.from(kept[0]?.note ?? ''));
    assert.ok(note.ok);
    assert.equal(verifyNote(note.value, [KEY]).ok, true);
    assert.deepEqual(parseCheckpoint(note.value.text), {
      ok: true,
      value: { origin: ORIGIN, ...head, extensions: [] },
    });
    assert.equal(checkpoints.signedSize, 3);
  });

  it('come every two seconds in which the ledger has grown, and in no others', async () => {
    await advance(2000);
    await advance(6000);
    head = { ...head, size: 4 };
    await advance(4000);
    checkpoints.grown();
    await advance(1999);
    assert.deepEqual(said, ['signed 3']);
    await advance(1);
    assert.deepEqual(said, ['signed 3', 'signed 4']);
  });

  it('go on where a database was set back to a shorter ledger, for witnesses to say what they know of a longer one', async () => {
    await advance(2000);
    head = { size: 2, root: Buffer.alloc(32, 8) };
    checkpoints.grown();
    await advance(2000);
    assert.deepEqual(said, ['signed 3', 'signed 2']);
    assert.equal(checkpoints.signedSize, 2);
  });

  it('sign nothing for an empty ledger', async () => {
    head = { ...head, size: 0 };
    await advance(10_000);
    assert.deepEqual(kept, []);
  });

  it('come later where the database is away', async () => {
    failure = { code: 'unavailable', reason: '' };
    await advance(2000);
    failure = undefined;
    await advance(2000);
    assert.deepEqual(said, ['failing: unavailable', 'recovered', 'signed 3']);
  });

  it('say once that the database is away, however long, and once that it is back', async () => {
    failure = { code: 'unavailable', reason: '' };
    for (let round = 0; round < 5; round++) await advance(2000);
    assert.deepEqual(said, ['failing: unavailable']);
    failure = undefined;
    await advance(6000);
    failure = { code: 'unavailable', reason: '' };
    checkpoints.grown();
    await advance(2000);
    assert.deepEqual(said, [
      ...['failing: unavailable', 'recovered', 'signed 3'],
      'failing: unavailable',
    ]);
  });

  it('wait for witnesses that are slow', async () => {
    let release: () => void = () => undefined;
    hold = new Promise((done) => {
      release = done;
    });
    await advance(2000);
    head = { ...head, size: 4 };
    checkpoints.grown();
    await advance(10_000);
    assert.deepEqual(said, ['signed 3']);
    release();
    await settled();
    await advance(2000);
    assert.deepEqual(said, ['signed 3', 'signed 4']);
  });

  it('sign once more at the end', async () => {
    await checkpoints.stop();
    assert.deepEqual(said, ['signed 3']);
    checkpoints.grown();
    await advance(10_000);
    assert.equal(clock.waiting, 0);
  });
});
