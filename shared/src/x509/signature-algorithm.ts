import { contextTag, DerReader, Tag } from './der-reader.ts';
import { ML_DSA, type MlDsa } from './ml-dsa.ts';

/** A way to sign certificates that this edge trusts: what to hash with, and which keys it fits. */
export interface SignatureAlgorithm {
  readonly scheme: 'rsa-pkcs1' | 'rsa-pss' | 'ecdsa' | 'ed25519' | MlDsa;
  /** Absent for Ed25519 and ML-DSA, which hash on their own. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | undefined;
}

const HASHES: ReadonlyMap<string, { hash: 'sha256' | 'sha384' | 'sha512'; bytes: number }> =
  new Map([
    ['2.16.840.1.101.3.4.2.1', { hash: 'sha256', bytes: 32 }],
    ['2.16.840.1.101.3.4.2.2', { hash: 'sha384', bytes: 48 }],
    ['2.16.840.1.101.3.4.2.3', { hash: 'sha512', bytes: 64 }],
  ]);

const PLAIN: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  ['1.2.840.113549.1.1.11', { scheme: 'rsa-pkcs1', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { scheme: 'rsa-pkcs1', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { scheme: 'rsa-pkcs1', hash: 'sha512' }],
  ['1.2.840.10045.4.3.2', { scheme: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { scheme: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { scheme: 'ecdsa', hash: 'sha512' }],
  ['1.3.101.112', { scheme: 'ed25519', hash: undefined }],
  ...Array.from(ML_DSA, ([type, { name }]) => [type, { scheme: name, hash: undefined }] as const),
]);

const RSASSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const USUAL_TRAILER = 1;

/**
 * Names the algorithm in an AlgorithmIdentifier, or undefined when it is not one of ours.
 *
 * MD5, SHA-1, SHA-224 and DSA are absent on purpose, and so are HashML-DSA, SLH-DSA and composites. Parameters are
 * NULL or absent for RSA (RFC 4055 §5) and absent for ECDSA (RFC 5758 §3.2), Ed25519 (RFC 8410 §3) and ML-DSA
 * (RFC 9881 §2).
 */
export function signatureAlgorithm(der: Buffer): SignatureAlgorithm | undefined {
  const outer = DerReader.over(der);
  const reader = outer.enter(Tag.sequence);
  const type = reader.objectIdentifier();
  if (type === RSASSA_PSS) return pssAlgorithm(reader);
  const algorithm = PLAIN.get(type);
  if (algorithm?.scheme === 'rsa-pkcs1' && reader.hasMore) readNull(reader);
  reader.finish();
  return reader.failed ? undefined : algorithm;
}

/**
 * RSASSA-PSS with one hash for both uses, the salt as long as it, and the usual trailer (RFC 4055 §3.1).
 *
 * Other combinations are legal there and unknown in practice; absent fields would mean SHA-1.
 */
function pssAlgorithm(reader: DerReader): SignatureAlgorithm | undefined {
  const parameters = reader.enter(Tag.sequence);
  reader.finish();
  const hash = readMember(parameters, 0, readHash);
  const maskHash = readMember(parameters, 1, readMask);
  const salt = readMember(parameters, 2, (member) => member.smallInteger(64));
  const hasTrailer = parameters.peek() === contextTag(3, true);
  const trailer = hasTrailer
    ? readMember(parameters, 3, (member) => member.smallInteger(1))
    : USUAL_TRAILER;
  parameters.finish();
  const isUsual =
    !reader.failed &&
    hash !== undefined &&
    hash === maskHash &&
    salt === hash.bytes &&
    trailer === USUAL_TRAILER;
  return isUsual ? { scheme: 'rsa-pss', hash: hash.hash } : undefined;
}

function readMember<Value>(
  parameters: DerReader,
  number: number,
  read: (member: DerReader) => Value,
): Value {
  const member = parameters.enter(contextTag(number, true));
  const value = read(member);
  member.finish();
  return value;
}

function readHash(reader: DerReader) {
  const algorithm = reader.enter(Tag.sequence);
  const type = algorithm.objectIdentifier();
  if (algorithm.hasMore) readNull(algorithm);
  algorithm.finish();
  return HASHES.get(type);
}

function readMask(reader: DerReader) {
  const mask = reader.enter(Tag.sequence);
  if (mask.objectIdentifier() !== MGF1) mask.fail();
  const hash = readHash(mask);
  mask.finish();
  return hash;
}

function readNull(reader: DerReader): void {
  if (reader.content(Tag.null).length !== 0) reader.fail();
}
