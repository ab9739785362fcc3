import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { formatCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { verifyCosignature } from '@sallyport/shared/audit/cosignature.ts';
import { consistencyProof, leafHash, rootAt } from '@sallyport/shared/audit/merkle.ts';
import { type Note, signNote } from '@sallyport/shared/audit/note.ts';
import { NOTE_KEY_TYPE, noteKey } from '@sallyport/shared/audit/note-key.ts';
import { TileBuilder } from '@sallyport/shared/audit/tile-builder.ts';
import { hashesOfTiles } from '@sallyport/shared/audit/tiles.ts';
import {
  NEVER_WITNESSED,
  type Witnessed,
  type WitnessTerms,
  witness,
} from '@sallyport/shared/audit/witness.ts';
import type { WitnessRequest } from '@sallyport/shared/audit/witness-request.ts';

const ORIGIN = 'sallyport/site';
const log = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const node = generateKeyPairSync('ed25519');
const terms: WitnessTerms = {
  origin: ORIGIN,
  logKeys: [noteKey(ORIGIN, NOTE_KEY_TYPE.ed25519, log.publicKey)],
  name: 'sallyport/site/edge-1',
  privateKey: node.privateKey,
};
const NOW_S = 1_795_248_000;

/** Two histories that part after three records. */
function history(name: string) {
  const builder = new TileBuilder();
  for (let index = 0; index < 20; index++) {
    builder.append(leafHash(Buffer.from(`${index < 3 ? 'both' : name} ${index}`)));
  }
  const tile = builder.partialTiles()[0]?.bytes;
  return hashesOfTiles(() => tile);
}
const ours = history('ours');
const theirs = history('theirs');
const headOf = (size: number, hashAt = ours): Witnessed => ({
  size,
  root: Buffer.from(rootAt(size, hashAt)),
});

function noteOf(
  size: number,
  hashAt = ours,
  origin = ORIGIN,
  key: KeyObject = log.privateKey,
): Note {
  const { root } = headOf(size, hashAt);
  const text = formatCheckpoint({ origin, size, root, extensions: [] });
  return { text, signatures: [signNote(text, ORIGIN, key)] };
}

const ask = (
  oldSize: number,
  size: number,
  note = noteOf(size),
  hashAt = ours,
): WitnessRequest => ({
  oldSize,
  proof: oldSize <= size ? consistencyProof(oldSize, size, hashAt) : [],
  note,
});
const at5 = headOf(5);
const malformed: Note = { ...noteOf(9), text: 'nothing\n' };

//  what                                        kept             request                            code
const rows: readonly (readonly [string, Witnessed, WitnessRequest, number])[] = [
  ['the first head of all', NEVER_WITNESSED, ask(0, 5), 200],
  ['an empty log', NEVER_WITNESSED, ask(0, 0), 200],
  ['a log that grew', at5, ask(5, 9), 200],
  ['by one', at5, ask(5, 6), 200],
  ['the same head again', at5, ask(5, 5), 200],
  ['from a size it does not know', at5, ask(3, 9), 409],
  ['from nothing, though it knows something', at5, ask(0, 9), 409],
  ['from a later size than it knows', at5, ask(7, 9), 409],
  ['an older head', at5, ask(5, 3), 400],
  ['an older head, proved from an older one', at5, ask(2, 3), 409],
  ['the same size with another history', at5, ask(5, 5, noteOf(5, theirs), theirs), 409],
  ['another history', at5, ask(5, 9, noteOf(9, theirs), theirs), 422],
  ['a proof of the other history', at5, ask(5, 9, noteOf(9), theirs), 422],
  ['no proof', at5, { ...ask(5, 9), proof: [] }, 422],
  [
    'a proof where none belongs',
    NEVER_WITNESSED,
    { ...ask(0, 5), proof: [leafHash(Buffer.of(1))] },
    422,
  ],
  ['another log', at5, ask(5, 9, noteOf(9, ours, 'sallyport/other')), 404],
  ['signed by a stranger', at5, ask(5, 9, noteOf(9, ours, ORIGIN, stranger.privateKey)), 403],
  ['not signed', at5, ask(5, 9, { ...noteOf(9), signatures: [] }), 403],
  ['no checkpoint', at5, ask(5, 9, malformed), 400],
];

describe('witness (C2SP tlog-witness)', () => {
  for (const [what, kept, request, code] of rows) {
    it(`${what}: ${code}`, () => {
      const turn = witness(kept, request, terms, NOW_S);
      assert.equal(turn.answer.code, code);
      if (turn.answer.code === 200) {
        const key = noteKey(terms.name, NOTE_KEY_TYPE.cosignature, node.publicKey);
        const { cosignature } = turn.answer;
        assert.equal(verifyCosignature(request.note.text, cosignature, key), NOW_S);
      } else {
        assert.equal(turn.kept, kept);
      }
      if (turn.answer.code === 409) assert.equal(turn.answer.size, kept.size);
    });
  }

  it('remembers the head it gave its word for', () => {
    assert.deepEqual(witness(at5, ask(5, 9), terms, NOW_S).kept, headOf(9));
  });

  it('tells a second history from a size it does not know', () => {
    const fork = witness(at5, ask(5, 5, noteOf(5, theirs), theirs), terms, NOW_S).answer;
    assert.deepEqual(fork, { code: 409, size: 5, isFork: true });
    const unknown = witness(at5, ask(3, 9), terms, NOW_S).answer;
    assert.deepEqual(unknown, { code: 409, size: 5, isFork: false });
  });

  it('never gives its word for two histories, however it is asked', () => {
    let kept = NEVER_WITNESSED;
    const given = new Map<number, string>();
    for (const [oldSize, size, hashAt] of [
      [0, 4, ours],
      [4, 9, theirs],
      [4, 9, ours],
      [9, 9, theirs],
      [4, 7, ours],
      [9, 12, theirs],
      [9, 20, ours],
    ] as const) {
      const turn = witness(kept, ask(oldSize, size, noteOf(size, hashAt), hashAt), terms, NOW_S);
      if (turn.answer.code === 200) given.set(size, turn.kept.root.toString('hex'));
      kept = turn.kept;
    }
    const expected = [4, 9, 20].map((size) => [size, headOf(size).root.toString('hex')]);
    assert.deepEqual([...given], expected);
  });
});
