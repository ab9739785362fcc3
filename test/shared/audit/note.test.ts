import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  formatNote,
  NOTE_BYTES_MAX,
  NOTE_SIGNATURES_MAX,
  type Note,
  type NoteFault,
  parseNote,
  parseSignatureLine,
  signNote,
  verifyNote,
} from '@sallyport/shared/audit/note.ts';
import {
  NOTE_KEY_TYPE,
  type NoteKey,
  noteKey,
  parseNoteKey,
} from '@sallyport/shared/audit/note-key.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/audit/notes.json', import.meta.url), 'utf8'),
) as {
  readonly go: { readonly seed: string; readonly verifierKey: string; readonly note: string };
  readonly signedNote: string;
  readonly cosignedCheckpoint: string;
};

function noteOf(text: string): Note {
  const note = parseNote(Buffer.from(text));
  return note.ok ? note.value : assert.fail(note.error);
}

describe('notes that others made', () => {
  for (const text of [vectors.go.note, vectors.signedNote, vectors.cosignedCheckpoint]) {
    it(`are read and written: ${text.slice(0, 30)}`, () => {
      assert.equal(formatNote(noteOf(text)), text);
    });
  }

  it('have the text up to the last empty line, its newline included', () => {
    const { text, signatures } = noteOf(vectors.signedNote);
    assert.ok(text.endsWith('di sole:\n\ned è subito sera.\n'));
    assert.deepEqual(
      signatures.map(({ name, keyId, signature }) => [name, keyId, signature.length]),
      [['quasimodo.example/salvatore', 0x36_7b_a0_4b, 64]],
    );
  });

  it('of Go are signed as Go signs them, and verified', () => {
    const { seed, verifierKey, note } = vectors.go;
    const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
    const der = Buffer.concat([prefix, Buffer.from(seed, 'hex')]);
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const { text } = noteOf(note);
    const signatures = [signNote(text, 'PeterNeumann', privateKey)];
    assert.equal(formatNote({ text, signatures }), note);
    const key = parseNoteKey(verifierKey) as NoteKey;
    assert.deepEqual(verifyNote(noteOf(note), [key]), { ok: true, value: key });
    const changed = noteOf(note.replace('cryptography', 'cryptographY'));
    assert.deepEqual(verifyNote(changed, [key]), { ok: false, error: 'note-signature-wrong' });
  });
});

const LINE = '— a/b AQIDBAUG';

//  what                           bytes                                fault
const faults: readonly (readonly [string, Buffer, NoteFault])[] = [
  ['nothing', Buffer.alloc(0), 'note-without-signature'],
  ['a text alone', Buffer.from('text\n'), 'note-without-signature'],
  ['no empty line', Buffer.from(`text\n${LINE}\n`), 'note-without-signature'],
  ['no last newline', Buffer.from(`text\n\n${LINE}`), 'note-without-signature'],
  ['no signature', Buffer.from('text\n\n'), 'note-without-signature'],
  ['a hyphen', Buffer.from('text\n\n- a/b AQIDBAUG\n'), 'note-signature-malformed'],
  ['two spaces', Buffer.from('text\n\n—  a/b AQIDBAUG\n'), 'note-signature-malformed'],
  ['a plus in the name', Buffer.from('text\n\n— a+b AQIDBAUG\n'), 'note-signature-malformed'],
  [
    'a no-break space in the name',
    Buffer.from('text\n\n— a\u00a0b AQIDBAUG\n'),
    'note-signature-malformed',
  ],
  ['a signature of no byte', Buffer.from('text\n\n— a/b AQIDBA==\n'), 'note-signature-malformed'],
  [
    'base64 with bits left over',
    Buffer.from('text\n\n— a/b AQIDBAV=\n'),
    'note-signature-malformed',
  ],
  ['base64 without its end', Buffer.from('text\n\n— a/b AQIDBAU\n'), 'note-signature-malformed'],
  ['a line of something else', Buffer.from(`text\n\n${LINE}\nx\n`), 'note-signature-malformed'],
  ['CR', Buffer.from(`text\r\n\n${LINE}\n`), 'note-not-text'],
  ['NUL', Buffer.from(`te\0xt\n\n${LINE}\n`), 'note-not-text'],
  ['TAB', Buffer.from(`te\txt\n\n${LINE}\n`), 'note-not-text'],
  ['no UTF-8', Buffer.from([0xff, 0x0a, 0x0a]), 'note-not-text'],
  ['too much', Buffer.alloc(NOTE_BYTES_MAX + 1, 0x61), 'note-too-large'],
  [
    'too many signatures',
    Buffer.from(`text\n\n${`${LINE}\n`.repeat(NOTE_SIGNATURES_MAX + 1)}`),
    'note-too-many-signatures',
  ],
];

describe('what is no note', () => {
  for (const [what, bytes, fault] of faults) {
    it(`${what}: ${fault}`, () => {
      assert.deepEqual(parseNote(bytes), { ok: false, error: fault });
    });
  }

  it('as many signatures as allowed are', () => {
    assert.ok(parseNote(Buffer.from(`text\n\n${`${LINE}\n`.repeat(NOTE_SIGNATURES_MAX)}`)).ok);
  });

  it('nor a line with something behind it a signature', () => {
    assert.ok(parseSignatureLine(LINE));
    assert.equal(parseSignatureLine(`${LINE}\n`), undefined);
  });
});

describe('who signed a note', () => {
  const ours = generateKeyPairSync('ed25519');
  const others = generateKeyPairSync('ed25519');
  const TEXT = 'a text\n';
  const key = noteKey('sallyport/site', NOTE_KEY_TYPE.ed25519, ours.publicKey);
  const good = signNote(TEXT, 'sallyport/site', ours.privateKey);
  const foreign = signNote(TEXT, 'sallyport/site', others.privateKey);
  const wrong = { ...good, signature: foreign.signature };

  //  what                                       signatures        is
  const rows: readonly (readonly [string, Note['signatures'], string])[] = [
    ['one of ours', [good], 'ours'],
    ['one of ours behind others', [foreign, good], 'ours'],
    ['nobody', [], 'note-unsigned'],
    ['somebody else under our name', [foreign], 'note-unsigned'],
    ['ours under another name', [{ ...good, name: 'x' }], 'note-unsigned'],
    ['somebody else with our number', [wrong], 'note-signature-wrong'],
    ['both', [good, wrong], 'note-signature-wrong'],
    [
      'a short signature',
      [{ ...good, signature: good.signature.subarray(1) }],
      'note-signature-wrong',
    ],
  ];
  for (const [what, signatures, is] of rows) {
    it(`${what}: ${is}`, () => {
      const result = verifyNote({ text: TEXT, signatures }, [key]);
      assert.equal(result.ok ? 'ours' : result.error, is);
    });
  }

  it('is not told by a key for cosignatures', () => {
    const cosigner = { ...key, type: NOTE_KEY_TYPE.cosignature };
    assert.ok(!verifyNote({ text: TEXT, signatures: [good] }, [cosigner]).ok);
  });

  it('signs no text without its last newline', () => {
    assert.throws(() => signNote('x', 'a', ours.privateKey), RangeError);
  });
});
