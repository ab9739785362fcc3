import { DerReader, Tag } from './der-reader.ts';
import { ML_DSA, type MlDsa } from './ml-dsa.ts';

const RSA_BITS_MIN = 2048;
const RSA_BITS_MAX = 8192;
const RSA_EXPONENT_BYTES_MAX = 8;

type Curve = 'P-256' | 'P-384' | 'P-521';
const CURVES: ReadonlyMap<string, { curve: Curve; bits: number; bytes: number }> = new Map([
  ['1.2.840.10045.3.1.7', { curve: 'P-256', bits: 256, bytes: 32 }],
  ['1.3.132.0.34', { curve: 'P-384', bits: 384, bytes: 48 }],
  ['1.3.132.0.35', { curve: 'P-521', bits: 521, bytes: 66 }],
]);

/** What kind of key a SubjectPublicKeyInfo holds; `other` is anything this edge does not trust. */
export interface PublicKeyInfo {
  readonly type: 'rsa' | 'rsa-pss' | 'ec' | 'ed25519' | MlDsa | 'other';
  readonly bits: number;
  readonly curve: 'P-256' | 'P-384' | 'P-521' | undefined;
}

/** Names the key in a SubjectPublicKeyInfo (RFC 3279, RFC 4055, RFC 5480, RFC 8410, RFC 9881). */
export function publicKeyInfo(reader: DerReader): PublicKeyInfo {
  const spki = reader.enter(Tag.sequence);
  const algorithm = spki.enter(Tag.sequence);
  const type = algorithm.objectIdentifier();
  const parameters = algorithm.peek();
  const curve = parameters === Tag.objectIdentifier ? algorithm.objectIdentifier() : '';
  const isNull = parameters === Tag.null && algorithm.content(Tag.null).length === 0;
  const key = spki.octetsOfBitString();
  spki.finish();
  switch (type) {
    case '1.2.840.113549.1.1.1':
      // NULL and nothing else (RFC 3279 §2.3.1).
      return isNull && !algorithm.hasMore ? rsaKey('rsa', key) : OTHER;
    case '1.2.840.113549.1.1.10':
      return rsaKey('rsa-pss', key);
    case '1.3.101.112':
      // Absent (RFC 8410 §3).
      return parameters < 0 ? { type: 'ed25519', bits: key.length * 8, curve: undefined } : OTHER;
    case '1.2.840.10045.2.1': {
      // Explicit curve parameters must not be used (RFC 5480 §2.1.1): they carry forged generators.
      const known = algorithm.hasMore ? undefined : CURVES.get(curve);
      const isUsable = known !== undefined && isPoint(key, known.bytes);
      return isUsable
        ? { type: 'ec', bits: known.bits, curve: known.curve }
        : { type: 'ec', bits: 0, curve: undefined };
    }
    default: {
      const known = parameters < 0 ? ML_DSA.get(type) : undefined;
      return known?.keyBytes === key.length
        ? { type: known.name, bits: key.length * 8, curve: undefined }
        : OTHER;
    }
  }
}

const OTHER: PublicKeyInfo = { type: 'other', bits: 0, curve: undefined };

/**
 * Uncompressed or compressed; hybrid forms must not be used (RFC 5480 §2.2), and infinity is no key. Whether it lies on
 * the curve is seen when a signature is verified with it.
 */
function isPoint(key: Buffer, bytes: number): boolean {
  const form = key[0];
  return form === 4
    ? key.length === 1 + 2 * bytes
    : key.length === 1 + bytes && (form === 2 || form === 3);
}

/**
 * Whether a key is strong and ordinary enough to trust.
 *
 * RSA from 2048 to 8192 bits in whole octets (no honest key has 2052, and a larger one only costs us
 * time), P-256, P-384, P-521, Ed25519, and ML-DSA of every strength. DSA, smaller and unnamed curves are not.
 */
export function isAcceptableKey(key: PublicKeyInfo): boolean {
  switch (key.type) {
    case 'rsa':
    case 'rsa-pss':
      return key.bits >= RSA_BITS_MIN && key.bits <= RSA_BITS_MAX && key.bits % 8 === 0;
    case 'ec':
      return key.curve !== undefined;
    case 'ed25519':
      return key.bits === 256;
    case 'ml-dsa-44':
    case 'ml-dsa-65':
    case 'ml-dsa-87':
      return true;
    case 'other':
      return false;
  }
}

function rsaKey(type: 'rsa' | 'rsa-pss', key: Buffer): PublicKeyInfo {
  const outer = DerReader.over(key);
  const reader = outer.enter(Tag.sequence);
  const modulus = reader.integer();
  const exponent = reader.integer();
  reader.finish();
  outer.finish();
  const isOrdinary =
    !reader.failed &&
    modulus.readInt8(0) >= 0 &&
    ((modulus.at(-1) as number) & 1) === 1 &&
    exponent.readInt8(0) >= 0 &&
    exponent.length <= RSA_EXPONENT_BYTES_MAX &&
    ((exponent.at(-1) as number) & 1) === 1 &&
    !(exponent.length === 1 && exponent[0] === 1);
  if (!isOrdinary) return OTHER;
  const leading = modulus[0] === 0 ? 1 : 0;
  const bits = (modulus.length - leading) * 8 - Math.clz32(modulus[leading] ?? 0) + 24;
  return { type, bits, curve: undefined };
}
