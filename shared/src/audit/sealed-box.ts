import { Buffer } from 'node:buffer';
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { err, ok, type Result } from '../result.ts';
import { publicKeyOfRaw, RAW_KEY_BYTES, rawPublicKey } from './raw-key.ts';

const VERSION = 1;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const HEAD_BYTES = 1 + RAW_KEY_BYTES;

/** What a box is longer than what is in it. */
export const SEALED_BOX_OVERHEAD_BYTES = HEAD_BYTES + TAG_BYTES;

/** Why a box does not open: it is none, or not for this key, this purpose, or not as it was. */
export type SealedBoxFault = 'sealed-box-malformed' | 'sealed-box-wrong';

/**
 * Encrypts to the holder of an X25519 key: u8 version, the ephemeral public key, AES-256-GCM ciphertext, tag.
 *
 * Key and nonce come from the shared secret and both public keys (HKDF-SHA256) and serve this one box, so that whoever
 * takes the disk, or even the sender, opens nothing afterwards. `info` names the purpose. The ephemeral key is an
 * argument only so that test vectors can be made.
 */
export function sealBox(
  recipient: Uint8Array,
  plain: Uint8Array,
  info: string,
  ephemeral: KeyObject = generateKeyPairSync('x25519').privateKey,
): Buffer {
  const publicKey = publicKeyOfRaw('X25519', recipient);
  const head = Buffer.concat([Buffer.of(VERSION), rawPublicKey(ephemeral)]);
  const { key, nonce } = secrets(ephemeral, publicKey, head, recipient, info);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(head);
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What is in the box, if it was sealed to this key for this purpose and nobody touched it. */
export function openBox(
  privateKey: KeyObject,
  box: Uint8Array,
  info: string,
): Result<Buffer, SealedBoxFault> {
  if (box.length < SEALED_BOX_OVERHEAD_BYTES || box[0] !== VERSION) {
    return err('sealed-box-malformed');
  }
  const head = box.subarray(0, HEAD_BYTES);
  const recipient = rawPublicKey(createPublicKey(privateKey));
  try {
    const sender = publicKeyOfRaw('X25519', head.subarray(1));
    const { key, nonce } = secrets(privateKey, sender, head, recipient, info);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(head)
      .setAuthTag(box.subarray(box.length - TAG_BYTES));
    const body = box.subarray(HEAD_BYTES, box.length - TAG_BYTES);
    return ok(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch {
    return err('sealed-box-wrong');
  }
}

function secrets(
  privateKey: KeyObject,
  publicKey: KeyObject,
  head: Uint8Array,
  recipient: Uint8Array,
  info: string,
): { key: Buffer; nonce: Buffer } {
  const shared = diffieHellman({ privateKey, publicKey });
  const salt = Buffer.concat([head, recipient]);
  const bytes = Buffer.from(hkdfSync('sha256', shared, salt, info, KEY_BYTES + NONCE_BYTES));
  return { key: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) };
}
