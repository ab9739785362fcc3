import { hash } from 'node:crypto';

/** What a key is derived for: part of the derivation, so that one password gives unlike keys (RFC 7292 §B.3). */
export const KeyPurpose = { encryption: 1, initialVector: 2, mac: 3 } as const;

/** Hashes that files derive keys with: their output and their block, in octets. */
export const PKCS12_HASHES = {
  sha1: { octets: 20, block: 64 },
  sha256: { octets: 32, block: 64 },
  sha384: { octets: 48, block: 128 },
  sha512: { octets: 64, block: 128 },
} as const;

export type Pkcs12Hash = keyof typeof PKCS12_HASHES;

/** One question to the derivation. */
export interface Pkcs12Derivation {
  readonly hash: Pkcs12Hash;
  readonly purpose: (typeof KeyPurpose)[keyof typeof KeyPurpose];
  readonly salt: Buffer;
  readonly iterations: number;
  readonly octets: number;
}

/** A password as this derivation wants it: UTF-16 with the high octet first and a zero at the end (RFC 7292 §B.1). */
export function pkcs12Password(password: string): Buffer {
  return Buffer.from(`${password}\0`, 'utf16le').swap16();
}

/**
 * Derives a key as PKCS#12 has it (RFC 7292 §B.2); long out of favour, and still what guards most such files.
 *
 * The caller bounds the iterations: about a microsecond each, once for every hash's length of the key.
 */
export function derivePkcs12Key(password: Buffer, derivation: Pkcs12Derivation): Buffer {
  const { block } = PKCS12_HASHES[derivation.hash];
  const diversifier = Buffer.alloc(block, derivation.purpose);
  const input = Buffer.concat([stretched(derivation.salt, block), stretched(password, block)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < derivation.octets; made += PKCS12_HASHES[derivation.hash].octets) {
    let digest = hash(derivation.hash, Buffer.concat([diversifier, input]), 'buffer');
    for (let n = 1; n < derivation.iterations; n++)
      digest = hash(derivation.hash, digest, 'buffer');
    parts.push(digest);
    const addend = stretched(digest, block).subarray(0, block);
    for (let at = 0; at < input.length; at += block) addOne(input.subarray(at, at + block), addend);
  }
  return Buffer.concat(parts).subarray(0, derivation.octets);
}

/** Repeated up to the next whole block; nothing stays nothing. */
function stretched(bytes: Buffer, block: number): Buffer {
  if (bytes.length === 0) return bytes;
  return Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}

/** Adds the addend and one, modulo the block's size. */
function addOne(block: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let n = block.length - 1; n >= 0; n--) {
    carry += (block[n] as number) + (addend[n] as number);
    block[n] = carry & 0xff;
    carry >>= 8;
  }
}
