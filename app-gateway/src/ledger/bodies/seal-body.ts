import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { RAW_KEY_BYTES, rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { openBox, SEALED_BOX_OVERHEAD_BYTES, sealBox } from '@sallyport/shared/audit/sealed-box.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** Somebody who may read bodies: holds the private half of an X25519 key outside of our hosts. */
export interface Auditor {
  readonly name: string;
  /** 32 octets. */
  readonly publicKey: Uint8Array;
}

/** The secret without which no body of a day can be read by anybody; erasing it erases them all. */
export interface DayKey {
  /** `2026-11-21`, UTC. */
  readonly day: string;
  /** 32 octets. */
  readonly key: Uint8Array;
}

/** Why a sealed body does not open. */
export type BodyFault =
  | 'body-malformed'
  /** It is sealed for others. */
  | 'body-not-for-this-auditor'
  /** The key is of another day, or not the one that was used on this one. */
  | 'body-day-key-wrong'
  /** It is not what was sealed. */
  | 'body-changed';

const VERSION = 1;
const DAY_BYTES = 10;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 8;
const WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
const BOX_BYTES = SEALED_BOX_OVERHEAD_BYTES + WRAPPED_BYTES;
const ENTRY_BYTES = KEY_ID_BYTES + BOX_BYTES;
const SALT_BYTES = 16;
const SALT_START = 1 + DAY_BYTES;
const HEAD_BYTES = SALT_START + SALT_BYTES + 1;
const BOX_PURPOSE = 'sallyport body content key';
const BODY_KEY_PURPOSE = 'sallyport body key of the day ';
/** The content key serves one body, so its nonce need not differ from any other. */
const BODY_NONCE = new Uint8Array(NONCE_BYTES);

export const AUDITORS_MAX = 32;

/**
 * Encrypts a body so that reading it takes two things: the private key of one of the auditors, and the day's key.
 *
 * The fresh content key is wrapped with a key out of the day's key and this body's salt first (HKDF-SHA256, RFC 5869)
 * and then for each auditor, so neither we nor an auditor alone can read; and who erases the day's key takes the
 * bodies of that day from everybody, while their hashes in the ledger, and every proof, stay as they are. Whoever is
 * given the key of one body has that of no other. `random` gives secret octets that nobody else gets.
 *
 *     u8 version | day, 10 octets of ASCII | salt, 16 octets | u8 auditors | (8 octets key id | sealed box)* |
 *     ciphertext | tag
 */
export function sealBody(
  body: Uint8Array,
  auditors: readonly Auditor[],
  { day, key: dayKey }: DayKey,
  random: (bytes: number) => Uint8Array,
): Buffer {
  if (auditors.length === 0 || auditors.length > AUDITORS_MAX) {
    throw new Error(`a body is sealed for 1 to ${AUDITORS_MAX} auditors`);
  }
  const contentKey = random(KEY_BYTES);
  const salt = random(SALT_BYTES);
  const wrapped = encrypt(
    derived(dayKey, day, salt),
    random(NONCE_BYTES),
    contentKey,
    Buffer.from(day, 'latin1'),
  );
  const entries = auditors.flatMap(({ publicKey }) => [
    keyId(publicKey),
    sealBox(publicKey, wrapped, BOX_PURPOSE),
  ]);
  const head = Buffer.concat([
    Buffer.of(VERSION),
    Buffer.from(day, 'latin1'),
    salt,
    Buffer.of(auditors.length),
    ...entries,
  ]);
  if (head.length !== HEAD_BYTES + auditors.length * ENTRY_BYTES) {
    throw new Error(`"${day}" is no day`);
  }
  return Buffer.concat([head, encrypt(contentKey, BODY_NONCE, body, head).subarray(NONCE_BYTES)]);
}

/** What of the day's key this one body needs; undefined: these octets are no body of that day. */
export function bodyKeyOf(sealed: Buffer, { day, key }: DayKey): Buffer | undefined {
  if (dayOfBody(sealed) !== day) return undefined;
  return derived(key, day, sealed.subarray(SALT_START, SALT_START + SALT_BYTES));
}

/** Reads a sealed body with an auditor's private key and what `bodyKeyOf` gave. */
export function openBody(
  sealed: Buffer,
  privateKey: KeyObject,
  bodyKey: Uint8Array,
): Result<Buffer, BodyFault> {
  const headBytes = headLength(sealed);
  const day = dayOfBody(sealed);
  if (headBytes === undefined || day === undefined) return err('body-malformed');
  const box = boxFor(sealed, headBytes, keyId(rawPublicKey(privateKey)));
  const opened = box && openBox(privateKey, box, BOX_PURPOSE);
  if (opened?.ok !== true) return err('body-not-for-this-auditor');
  const contentKey = decrypt(bodyKey, opened.value, Buffer.from(day, 'latin1'));
  if (contentKey === undefined) return err('body-day-key-wrong');
  const cipher = Buffer.concat([BODY_NONCE, sealed.subarray(headBytes)]);
  const body = decrypt(contentKey, cipher, sealed.subarray(0, headBytes));
  return body === undefined ? err('body-changed') : ok(body);
}

/** The day whose key a sealed body needs; undefined: these octets are none. */
export function dayOfBody(sealed: Buffer): string | undefined {
  if (headLength(sealed) === undefined) return undefined;
  return sealed.toString('latin1', 1, 1 + DAY_BYTES);
}

/** What stands in the record for the body: SHA-256 of the sealed octets, not of the body, which could be guessed. */
export function sealedBodyHash(sealed: Uint8Array): Buffer {
  return createHash('sha256').update(sealed).digest();
}

function derived(dayKey: Uint8Array, day: string, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', dayKey, salt, BODY_KEY_PURPOSE + day, KEY_BYTES));
}

function headLength(sealed: Buffer): number | undefined {
  const auditors = sealed[HEAD_BYTES - 1] ?? 0;
  const length = HEAD_BYTES + auditors * ENTRY_BYTES;
  const isWhole = sealed[0] === VERSION && auditors > 0 && auditors <= AUDITORS_MAX;
  return isWhole && sealed.length >= length + TAG_BYTES ? length : undefined;
}

function boxFor(sealed: Buffer, headBytes: number, id: Buffer): Buffer | undefined {
  for (let at = HEAD_BYTES; at < headBytes; at += ENTRY_BYTES) {
    if (id.equals(sealed.subarray(at, at + KEY_ID_BYTES))) {
      return sealed.subarray(at + KEY_ID_BYTES, at + ENTRY_BYTES);
    }
  }
  return undefined;
}

function keyId(publicKey: Uint8Array): Buffer {
  if (publicKey.length !== RAW_KEY_BYTES) throw new Error('no X25519 key');
  return createHash('sha256').update(publicKey).digest().subarray(0, KEY_ID_BYTES);
}

/** Nonce, ciphertext, tag (AES-256-GCM). */
function encrypt(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, bound: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Buffer, bound: Uint8Array): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(bound)
      .setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}
