import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { BoundedMap } from '@sallyport/shared/net/bounded-map.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** Seals and opens private keys; the key that does it is in no database. */
export interface PrivateKeySeal {
  /** The label is authenticated: what was sealed under one opens under no other. */
  seal(privateKeyPem: string, label: string): string;
  /** Wrong key, wrong label and damage look the same, from outside and to the program. */
  open(sealed: string, label: string): Result<string, 'key-unreadable'>;
}

const FORMAT =
  /^sallyport-sealed:v1:(file|scrypt,([A-Za-z0-9_-]{22})):([A-Za-z0-9_-]{16}):([A-Za-z0-9_-]{22,})$/;
const SEALED_CHARS_MAX = 100_000;
const KEY_OCTETS = 32;
const SALT_OCTETS = 16;
const IV_OCTETS = 12;
const TAG_OCTETS = 16;
/** 128 MiB and about half a second for each guess; part of the format v1, so that no file can ask for more. */
const SCRYPT = { N: 131_072, r: 8, p: 1, maxmem: 268_435_456 } as const;
/** A derived key is kept for as many salts, so that a list of keys does not take half a second each. */
const SALTS_MAX = 8;

/** What the key of one sealed text is found by: nothing but itself, or the salt of its passphrase. */
type KeyOf = (salt: Buffer | undefined) => Buffer | undefined;

/** Seals with 32 octets from a key file; only texts that were sealed this way open. */
export function createKeyFileSeal(key: Buffer): PrivateKeySeal {
  if (key.length !== KEY_OCTETS) throw new RangeError('a key-encryption key has 32 octets');
  return sealWith(undefined, (salt) => (salt === undefined ? key : undefined));
}

/** Seals with a passphrase through scrypt (RFC 7914); one salt for everything that this value seals. */
export function createPassphraseSeal(passphrase: string): PrivateKeySeal {
  const keys = new BoundedMap<string, Buffer>(SALTS_MAX);
  return sealWith(randomBytes(SALT_OCTETS), (salt) => {
    if (salt === undefined) return undefined;
    const derive = () => scryptSync(passphrase.normalize('NFC'), salt, KEY_OCTETS, SCRYPT);
    return keys.of(salt.toString('hex'), derive);
  });
}

/** AES-256-GCM with a fresh nonce (NIST SP 800-38D §8.2.2: good for 2^32 keys under one seal). */
function sealWith(salt: Buffer | undefined, keyOf: KeyOf): PrivateKeySeal {
  const source = salt === undefined ? 'file' : `scrypt,${salt.toString('base64url')}`;
  const head = `sallyport-sealed:v1:${source}`;
  return {
    seal(privateKeyPem, label) {
      const key = keyOf(salt);
      if (key === undefined) throw new TypeError('no key to seal with');
      const iv = randomBytes(IV_OCTETS);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      cipher.setAAD(authenticated(head, label));
      const sealed = [cipher.update(privateKeyPem, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return `${head}:${iv.toString('base64url')}:${Buffer.concat(sealed).toString('base64url')}`;
    },
    open: (sealed, label) => open(sealed.trim(), label, keyOf),
  };
}

function open(sealed: string, label: string, keyOf: KeyOf): Result<string, 'key-unreadable'> {
  const [, source, salt, iv = '', rest = ''] =
    sealed.length > SEALED_CHARS_MAX ? [] : (FORMAT.exec(sealed) ?? []);
  if (source === undefined) return err('key-unreadable');
  const key = keyOf(salt === undefined ? undefined : Buffer.from(salt, 'base64url'));
  if (key === undefined) return err('key-unreadable');
  const octets = Buffer.from(rest, 'base64url');
  if (octets.length < TAG_OCTETS) return err('key-unreadable');
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), {
    authTagLength: TAG_OCTETS,
  });
  decipher.setAAD(authenticated(`sallyport-sealed:v1:${source}`, label));
  decipher.setAuthTag(octets.subarray(-TAG_OCTETS));
  try {
    const opened = [decipher.update(octets.subarray(0, -TAG_OCTETS)), decipher.final()];
    return ok(Buffer.concat(opened).toString('utf8'));
  } catch {
    // The one way in which authenticated decryption says no.
    return err('key-unreadable');
  }
}

function authenticated(head: string, label: string): Buffer {
  return Buffer.from(`${head}\n${label}`);
}
