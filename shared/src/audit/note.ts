import { Buffer, isUtf8 } from 'node:buffer';
import { type KeyObject, sign, verify } from 'node:crypto';
import { err, ok, type Result } from '../result.ts';
import { keyId, NOTE_KEY_TYPE, type NoteKey } from './note-key.ts';
import { rawPublicKey } from './raw-key.ts';

/** One signature line: `— name base64(key id, signature)`. */
export interface NoteSignature {
  readonly name: string;
  /** The first four bytes of a hash of name, kind and key: a hint, never a proof. */
  readonly keyId: number;
  readonly signature: Buffer;
}

/** A text with signatures (C2SP signed-note). The text is to be ignored until one of them was verified. */
export interface Note {
  /** With its last newline, which is signed too. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Why bytes are no note. */
export type NoteFault =
  | 'note-too-large'
  | 'note-not-text'
  | 'note-without-signature'
  | 'note-signature-malformed'
  | 'note-too-many-signatures';

/** Why a note is not to be believed. */
export type NoteRefusal = 'note-unsigned' | 'note-signature-wrong';

/** Well above what a checkpoint with a cosignature of every node needs, or with 16 signatures of 5 kB, in base64. */
export const NOTE_BYTES_MAX = 131_072;

/** At least 16 must be accepted. */
export const NOTE_SIGNATURES_MAX = 256;

const KEY_ID_BYTES = 4;
const DASH = '\u2014 ';
const SIGNATURE_LINE = /^\u2014 ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u;
/** ASCII control characters other than newline. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a note must not have.
const CONTROL = /[\0-\t\v-\x1f]/;

/** Cuts a note into text and signatures; nothing is verified. */
export function parseNote(bytes: Buffer): Result<Note, NoteFault> {
  if (bytes.length > NOTE_BYTES_MAX) return err('note-too-large');
  if (!isUtf8(bytes)) return err('note-not-text');
  const whole = bytes.toString('utf8');
  if (CONTROL.test(whole)) return err('note-not-text');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) return err('note-without-signature');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (split + 2 >= whole.length) return err('note-without-signature');
  if (lines.length > NOTE_SIGNATURES_MAX) return err('note-too-many-signatures');
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === undefined) return err('note-signature-malformed');
    signatures.push(signature);
  }
  return ok({ text: whole.slice(0, split + 1), signatures });
}

/** One signature line without its newline, or undefined. */
export function parseSignatureLine(line: string): NoteSignature | undefined {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length <= KEY_ID_BYTES || bytes.toString('base64') !== base64) return undefined;
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(KEY_ID_BYTES) };
}

/** One signature line with its newline. */
export function formatSignatureLine({ name, keyId: id, signature }: NoteSignature): string {
  const head = Buffer.alloc(KEY_ID_BYTES);
  head.writeUInt32BE(id);
  return `${DASH}${name} ${Buffer.concat([head, signature]).toString('base64')}\n`;
}

/** The whole note as it is stored and sent, in UTF-8. */
export function formatNote(note: Note): string {
  return `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`;
}

/** Signs the text, which must end in a newline, with an Ed25519 key. */
export function signNote(text: string, name: string, privateKey: KeyObject): NoteSignature {
  if (!text.endsWith('\n')) throw new RangeError('the text of a note ends in a newline');
  return {
    name,
    keyId: keyId(name, NOTE_KEY_TYPE.ed25519, rawPublicKey(privateKey)),
    signature: sign(null, Buffer.from(text, 'utf8'), privateKey),
  };
}

/**
 * Whether one of these keys signed the note; of signatures by unknown keys nothing is believed.
 *
 * A wrong signature by a known key refuses the whole note, as the specification advises. Keys of another kind than
 * Ed25519 are left out: cosignatures have a file of their own.
 */
export function verifyNote(note: Note, keys: readonly NoteKey[]): Result<NoteKey, NoteRefusal> {
  const text = Buffer.from(note.text, 'utf8');
  let signer: NoteKey | undefined;
  for (const { name, keyId: id, signature } of note.signatures) {
    const key = keys.find(
      (known) => known.type === NOTE_KEY_TYPE.ed25519 && known.name === name && known.keyId === id,
    );
    if (key === undefined) continue;
    if (!verify(null, text, key.publicKey, signature)) return err('note-signature-wrong');
    signer ??= key;
  }
  return signer === undefined ? err('note-unsigned') : ok(signer);
}
