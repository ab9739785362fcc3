import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { cosign, verifyCosignature } from '@sallyport/shared/audit/cosignature.ts';
import {
  type Note,
  type NoteSignature,
  parseNote,
  signNote,
} from '@sallyport/shared/audit/note.ts';
import {
  NOTE_KEY_TYPE,
  type NoteKey,
  noteKey,
  parseNoteKey,
} from '@sallyport/shared/audit/note-key.ts';

const { witnessed, cosignedCheckpoint } = JSON.parse(
  readFileSync(new URL('../../vectors/audit/notes.json', import.meta.url), 'utf8'),
) as {
  readonly witnessed: {
    readonly verifierKey: string;
    readonly timestampS: number;
    readonly note: string;
  };
  readonly cosignedCheckpoint: string;
};

function noteOf(text: string): Note {
  const note = parseNote(Buffer.from(text));
  return note.ok ? note.value : assert.fail(note.error);
}

describe('cosignature (C2SP tlog-cosignature)', () => {
  it('of a public witness holds', () => {
    const key = parseNoteKey(witnessed.verifierKey) as NoteKey;
    const { text, signatures } = noteOf(witnessed.note);
    assert.deepEqual(
      signatures.map((signature) => verifyCosignature(text, signature, key)),
      [undefined, witnessed.timestampS],
    );
    const changed = text.replace('185550722', '185550723');
    assert.equal(verifyCosignature(changed, signatures[1] as NoteSignature, key), undefined);
  });

  it('of the specification has its time in front', () => {
    const [, line] = noteOf(cosignedCheckpoint).signatures;
    assert.equal(line?.signature.readBigUInt64BE(0), 1_679_315_147n);
  });
});

const TEXT = 'sallyport/site\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const witness = noteKey('sallyport/site/edge-1', NOTE_KEY_TYPE.cosignature, publicKey);
const good = cosign(TEXT, 1_795_248_000, privateKey, witness.name);
const late = Buffer.from(good.signature);
late[7] = (late[7] as number) ^ 1;
const farAway = Buffer.from(good.signature);
farAway[0] = 0x80;

//  what                                 cosignature                            time
const rows: readonly (readonly [string, NoteSignature, number | undefined])[] = [
  ['as it was given', good, 1_795_248_000],
  ['with another time', { ...good, signature: late }, undefined],
  ['with a time that no time is', { ...good, signature: farAway }, undefined],
  ['under another name', { ...good, name: 'x' }, undefined],
  ['with another number', { ...good, keyId: good.keyId ^ 1 }, undefined],
  ['one byte short', { ...good, signature: good.signature.subarray(0, -1) }, undefined],
  [
    'one byte longer',
    { ...good, signature: Buffer.concat([good.signature, Buffer.of(0)]) },
    undefined,
  ],
  ['a plain signature by the same key', signNote(TEXT, witness.name, privateKey), undefined],
];

describe('cosignature of ours', () => {
  for (const [what, cosignature, timestampS] of rows) {
    it(`${what}: ${timestampS ?? 'nothing'}`, () => {
      assert.equal(verifyCosignature(TEXT, cosignature, witness), timestampS);
    });
  }

  it('is not taken for a signature of the log', () => {
    const log = noteKey(witness.name, NOTE_KEY_TYPE.ed25519, publicKey);
    assert.equal(verifyCosignature(TEXT, good, log), undefined);
  });
});
