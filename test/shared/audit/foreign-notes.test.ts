import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { cosign, verifyCosignature } from '@sallyport/shared/audit/cosignature.ts';
import {
  formatNote,
  formatSignatureLine,
  type Note,
  parseNote,
  parseSignatureLine,
  signNote,
  verifyNote,
} from '@sallyport/shared/audit/note.ts';
import {
  formatNoteKey,
  NOTE_KEY_TYPE,
  type NoteKey,
  noteKey,
  parseNoteKey,
} from '@sallyport/shared/audit/note-key.ts';
import { parseWitnessRequest } from '@sallyport/shared/audit/witness-request.ts';

const TEXT = 'first line\nsecond line\n';
const ROOT = Buffer.alloc(32, 7).toString('base64');
const peter = signer('Peter');
const enoch = signer('Enoch');
const peterLine = formatSignatureLine(signNote(TEXT, 'Peter', peter.privateKey));
const enochLine = formatSignatureLine(signNote(TEXT, 'Enoch', enoch.privateKey));
/** The same length of base64 with four characters more in the middle. */
const spoilt = (line: string) => `${line.slice(0, 60)}ABCD${line.slice(60)}`;

function signer(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, key: noteKey(name, NOTE_KEY_TYPE.ed25519, publicKey) };
}

function opened(text: string | Buffer, keys: readonly NoteKey[] = [peter.key]): string {
  const note = parseNote(Buffer.from(text));
  if (!note.ok) return note.error;
  const verified = verifyNote(note.value, keys);
  return verified.ok ? verified.value.name : verified.error;
}

describe('the cases of golang.org/x/mod/sumdb/note, on keys and notes of ours', () => {
  it('no part of a verifier key is one, nor is one with a character changed', () => {
    const line = formatNoteKey(peter.key);
    for (let start = 0; start <= line.length; start++) {
      for (let end = start; end <= line.length; end++) {
        const isWhole = start === 0 && end === line.length;
        assert.equal(
          parseNoteKey(line.slice(start, end)) !== undefined,
          isWhole,
          `${start} ${end}`,
        );
      }
      const changed = String.fromCharCode(line.charCodeAt(start) + 1);
      assert.equal(parseNoteKey(line.slice(0, start) + changed + line.slice(start + 1)), undefined);
    }
  });

  //  what                                    note                             keys                      outcome
  const rows: readonly (readonly [string, string | Buffer, readonly NoteKey[], string])[] = [
    ['one of two keys known', `${TEXT}\n${peterLine}${enochLine}`, [peter.key], 'Peter'],
    ['both known', `${TEXT}\n${peterLine}${enochLine}`, [enoch.key, peter.key], 'Peter'],
    ['none known', `${TEXT}\n${peterLine}${enochLine}`, [], 'note-unsigned'],
    ['a signature twice', `${TEXT}\n${peterLine}${peterLine}`, [peter.key], 'Peter'],
    [
      'a signature with octets too many',
      `${TEXT}\n${spoilt(peterLine)}`,
      [peter.key],
      'note-signature-wrong',
    ],
    [
      'one like that of an unknown key',
      `${TEXT}\n${peterLine}${spoilt(enochLine)}`,
      [peter.key],
      'Peter',
    ],
    [
      'another name',
      `${TEXT}\n${peterLine.replace('Peter', 'Carmen')}`,
      [peter.key],
      'note-unsigned',
    ],
    ['the text alone', TEXT, [peter.key], 'note-without-signature'],
    ['and an empty line', `${TEXT}\n`, [peter.key], 'note-without-signature'],
    [
      'without the last newline',
      `${TEXT}\n${peterLine.slice(0, -1)}`,
      [peter.key],
      'note-without-signature',
    ],
    ['a control character in front', `\x01${TEXT}\n${peterLine}`, [peter.key], 'note-not-text'],
    [
      'no UTF-8 in front',
      Buffer.concat([Buffer.of(0xff), Buffer.from(`${TEXT}\n${peterLine}`)]),
      [peter.key],
      'note-not-text',
    ],
    [
      'a name of two words',
      `${TEXT}\n${peterLine.replace('Peter', 'Bad Name')}`,
      [peter.key],
      'note-signature-malformed',
    ],
    [
      'a line of something else behind',
      `${TEXT}\n${peterLine}Unexpected.\n`,
      [peter.key],
      'note-signature-malformed',
    ],
    [
      '256 signatures and one',
      `${TEXT}\n${peterLine.repeat(257)}`,
      [peter.key],
      'note-too-many-signatures',
    ],
  ];
  for (const [what, text, keys, outcome] of rows) {
    it(`${what}: ${outcome}`, () => assert.equal(opened(text, keys), outcome));
  }

  it('signs only texts that end in a newline', () => {
    assert.throws(() => signNote('abc', 'Peter', peter.privateKey), RangeError);
  });
});

describe('what C2SP signed-note says of names and sizes', () => {
  /** Every space of Unicode, and what looks like one. */
  const spaces = '\u0020\u0085\u00a0\u1680\u2000\u2009\u200a\u2028\u2029\u202f\u205f\u3000';
  for (const space of spaces) {
    it(`no name has U+${space.codePointAt(0)?.toString(16).padStart(4, '0')}`, () => {
      const { publicKey } = generateKeyPairSync('ed25519');
      const name = `a${space}b`;
      assert.throws(() => noteKey(name, NOTE_KEY_TYPE.ed25519, publicKey), RangeError);
      assert.equal(parseSignatureLine(`\u2014 ${name} AQIDBAUG`), undefined);
    });
  }

  it('sixteen signatures of five kilobytes are taken', () => {
    const large = formatSignatureLine({ name: 'pq', keyId: 1, signature: Buffer.alloc(5000, 1) });
    assert.equal(opened(`${TEXT}\n${peterLine}${large.repeat(16)}`), 'Peter');
  });
});

describe('the cases of transparency-dev/formats, on checkpoints of ours', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['the three lines', `Log\n123\n${ROOT}\n`, true],
    ['more lines behind', `Log\n9944\n${ROOT}\nlots\nof\nlines\n`, true],
    ['empty lines behind', `Log\n9944\n${ROOT}\n\n\n\n`, false],
    ['two lines', 'Head\n9944\n', false],
    ['no origin', `\n9944\n${ROOT}\n`, false],
    ['no last newline', `Log\n123\n${ROOT}`, false],
    ['no number', `Log\nbananas\n${ROOT}\n`, false],
    ['a number below zero', `Log\n-34\n${ROOT}\n`, false],
    ['a number too large', `Log\n3438945738945739845734895735\n${ROOT}\n`, false],
    ['no base64', "Log\n123\nThisIsn'tBase64\n", false],
    ['a hash of seven octets', 'Log\n123\nYmFuYW5hcw==\n', false],
  ];
  for (const [what, text, isOne] of rows) {
    it(`${what}: ${isOne ? 'read' : 'refused'}`, () => {
      assert.equal(parseCheckpoint(text).ok, isOne);
    });
  }

  it('a cosignature covers the lines behind, and is of no other kind', () => {
    const text = `Log\n123\n${ROOT}\nExtendo\n`;
    const key = { ...noteKey('w', NOTE_KEY_TYPE.cosignature, peter.key.publicKey) };
    const cosignature = cosign(text, 1_727_964_367, peter.privateKey, 'w');
    assert.equal(verifyCosignature(text, cosignature, key), 1_727_964_367);
    assert.equal(verifyCosignature(text.replace('o\n', '@\n'), cosignature, key), undefined);
    const note: Note = { text, signatures: [cosignature] };
    const plain = noteKey('w', NOTE_KEY_TYPE.ed25519, peter.key.publicKey);
    assert.ok(!verifyNote(note, [plain, key]).ok);
    assert.equal(parseNote(Buffer.from(formatNote(note))).ok, true);
  });

  for (const [what, line] of [
    ['two parts', 'bananas.example+12344556'],
    ['no base64', 'rekor.example+12345678+THIS_IS_NOT_BASE64!'],
    ['another kind', 'rekor.example+12345678+AwEB'],
    ['no number', `rekor.example+NOT_A_NU+${formatNoteKey(peter.key).split('+').at(-1)}`],
    ['another number', formatNoteKey(peter.key).replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
  ] as const) {
    it(`no key: ${what}`, () => assert.equal(parseNoteKey(line), undefined));
  }

  const NOTE = `${TEXT}\n${peterLine}`;
  for (const [what, body] of [
    ['a size without its word', `10 stuff\n${ROOT}\n\n${NOTE}`],
    ['no base64', `old 10\nZ043\n423ed\n\n${NOTE}`],
    ['no empty line', `old 10\n${ROOT}\n${NOTE.replace('\n\n', '\n')}`],
    ['a size of 64 bits', `old 18446744073709551615\n\n${NOTE}`],
  ] as const) {
    it(`no request to a witness: ${what}`, () => {
      assert.ok(!parseWitnessRequest(Buffer.from(body)).ok);
    });
  }
});
