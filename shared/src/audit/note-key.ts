import { Buffer } from 'node:buffer';
import { hash, type KeyObject } from 'node:crypto';
import { publicKeyOfRaw, RAW_KEY_BYTES, rawPublicKey } from './raw-key.ts';

/** Kinds of signature by their number in C2SP signed-note; both with an Ed25519 key. */
export const NOTE_KEY_TYPE = { ed25519: 0x01, cosignature: 0x04 } as const;

/** What a key signs: notes as they are, or checkpoints with a time. */
export type NoteKeyType = (typeof NOTE_KEY_TYPE)[keyof typeof NOTE_KEY_TYPE];

/** A public key as the verifier of a note knows it. */
export interface NoteKey {
  readonly name: string;
  readonly type: NoteKeyType;
  readonly keyId: number;
  readonly publicKey: KeyObject;
}

const TYPES: readonly number[] = Object.values(NOTE_KEY_TYPE);
const NAME = /^[^\p{White_Space}+]+$/u;
const TEXT = /^([^\p{White_Space}+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u;

/** The short number of a key: SHA-256 of name, newline, kind and key, the first four bytes. */
export function keyId(name: string, type: NoteKeyType, raw: Uint8Array): number {
  const input = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Buffer.of(type), raw]);
  return hash('sha256', input, 'buffer').readUInt32BE(0);
}

/** The name must be neither empty nor contain spaces or a plus sign. */
export function noteKey(name: string, type: NoteKeyType, key: KeyObject): NoteKey {
  if (!NAME.test(name)) throw new RangeError('no name of a key');
  const raw = rawPublicKey(key);
  return {
    name,
    type,
    keyId: keyId(name, type, raw),
    publicKey: publicKeyOfRaw('Ed25519', raw),
  };
}

/** The one line in which an auditor gets a key: `name+hash+base64` (C2SP signed-note, verifier keys). */
export function formatNoteKey(key: NoteKey): string {
  const id = key.keyId.toString(16).padStart(8, '0');
  const raw = Buffer.concat([Buffer.of(key.type), rawPublicKey(key.publicKey)]);
  return `${key.name}+${id}+${raw.toString('base64')}`;
}

/** Reads such a line; undefined where it is none, or name, number and key do not belong together. */
export function parseNoteKey(text: string): NoteKey | undefined {
  const [, name, id, base64] = TEXT.exec(text) ?? [];
  if (name === undefined || id === undefined || base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const type = bytes[0] as number;
  if (bytes.length !== 1 + RAW_KEY_BYTES || bytes.toString('base64') !== base64) return undefined;
  if (!TYPES.includes(type)) return undefined;
  const publicKey = publicKeyOfRaw('Ed25519', bytes.subarray(1));
  const key = noteKey(name, type as NoteKeyType, publicKey);
  return key.keyId === Number.parseInt(id, 16) ? key : undefined;
}
