import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { formatCheckpoint, parseCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { formatNote, parseNote } from '@sallyport/shared/audit/note.ts';
import { formatNoteKey, parseNoteKey } from '@sallyport/shared/audit/note-key.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { decodeRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import { readSeal, verifySeal } from '@sallyport/shared/audit/seal.ts';
import { SealChain } from '@sallyport/shared/audit/seal-chain.ts';
import { openBox, sealBox } from '@sallyport/shared/audit/sealed-box.ts';
import {
  formatWitnessRequest,
  parseWitnessRequest,
} from '@sallyport/shared/audit/witness-request.ts';
import fc from 'fast-check';

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../vectors/audit/${file}`, import.meta.url), 'utf8'));
}

const records = (read('records.json') as { readonly hex: string }[]).map(({ hex }) =>
  Buffer.from(hex, 'hex'),
);
const notes = read('notes.json') as {
  readonly go: { readonly note: string; readonly verifierKey: string };
  readonly cosignedCheckpoint: string;
  readonly witnessRequest: string;
};
const texts = [notes.go.note, notes.cosignedCheckpoint, notes.witnessRequest].map((text) =>
  Buffer.from(text),
);

/** Something sound with some of its bytes replaced, removed or added; or anything at all. */
function damaged(sound: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const splice = fc.tuple(fc.nat(), fc.nat(4), fc.uint8Array({ maxLength: 4 }));
  return fc
    .oneof(
      {
        weight: 5,
        arbitrary: fc.tuple(fc.constantFrom(...sound), fc.array(splice, { maxLength: 3 })),
      },
      { weight: 1, arbitrary: fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.constant([])) },
    )
    .map(([bytes, splices]) => {
      let result = Buffer.from(bytes);
      for (const [place, removed, added] of splices) {
        const at = place % (result.length + 1);
        result = Buffer.concat([result.subarray(0, at), added, result.subarray(at + removed)]);
      }
      return result;
    });
}

const RUNS = { numRuns: 3000 };
const { publicKey } = generateKeyPairSync('ed25519');
const gateway = generateKeyPairSync('x25519');

describe('bytes of anybody', () => {
  it('are a record that is written just so, or a fault', () => {
    fc.assert(
      fc.property(damaged(records), fc.boolean(), (bytes, isLengthRight) => {
        if (isLengthRight && bytes.length >= 2) bytes.writeUInt16BE(bytes.length & 0xff_ff);
        const record = decodeRecord(bytes, 0, bytes.length);
        if (record.ok) assert.deepEqual(encodeRecord(record.value), bytes);
        assert.equal(verifySeal(publicKey, bytes, 0, bytes.length), false);
        assert.ok(record.ok || readSeal(bytes, 0, bytes.length) === undefined);
        assert.ok(new SealChain(publicKey).take(bytes, 0, bytes.length).length <= 6);
      }),
      RUNS,
    );
  });

  it('are a note, a checkpoint and a request that are written just so, or none', () => {
    fc.assert(
      fc.property(damaged(texts), (bytes) => {
        const note = parseNote(bytes);
        if (note.ok) {
          assert.equal(formatNote(note.value), bytes.toString());
          const checkpoint = parseCheckpoint(note.value.text);
          if (checkpoint.ok) assert.equal(formatCheckpoint(checkpoint.value), note.value.text);
        }
        const request = parseWitnessRequest(bytes);
        if (request.ok) assert.deepEqual(formatWitnessRequest(request.value), bytes);
      }),
      RUNS,
    );
  });

  it('are a key in one line, or none', () => {
    fc.assert(
      fc.property(damaged([Buffer.from(notes.go.verifierKey)]), (bytes) => {
        const text = bytes.toString();
        const key = parseNoteKey(text);
        if (key !== undefined) assert.equal(formatNoteKey(key), text);
      }),
      RUNS,
    );
  });

  it('open as a box that nobody touched, or not', () => {
    const box = sealBox(rawPublicKey(gateway.publicKey), Buffer.from('a record'), 'test');
    fc.assert(
      fc.property(damaged([box]), (bytes) => {
        assert.equal(openBox(gateway.privateKey, bytes, 'test').ok, bytes.equals(box));
      }),
      { numRuns: 300 },
    );
  });
});
