import { Buffer } from 'node:buffer';
import { hash, type KeyObject, sign, verify } from 'node:crypto';
import { decodeRecord } from './record.ts';
import { FIELD } from './record-fields.ts';
import { FIELD_HEADER_BYTES, recordTypeAt } from './record-layout.ts';
import { AUDIT_TYPE } from './record-types.ts';
import { RecordWriter } from './record-writer.ts';

/** After so many records a seal is due. */
export const SEAL_DUE_RECORDS = 4096;
/** Records between two seals at most: of a source too busy for a signature whenever one is due. */
export const SEALED_RECORDS_MAX = 32_768;

/** What a seal says: which records, their hash, and which seal came before. */
export interface SealContent {
  readonly timeMs: number;
  /** The seal's own number; it covers every number before it that no seal covered. */
  readonly seq: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** SHA-256 of the records' bytes, one after the other. */
  readonly recordsHash: Buffer;
  /** `sealHash` of the seal before; none in the first of a stream. */
  readonly previousSeal: Buffer | undefined;
}

const SIGNATURE_BYTES = 64;
const LENGTH_BYTES = 2;
/** So that a signature by this key over anything else is never a seal. */
const CONTEXT = Buffer.from('sallyport seal 1\0', 'latin1');

/** Longer than any seal. */
const SEAL_BYTES_MAX = 256;

/**
 * The record that seals: Ed25519 by the node's witness key over everything in it before the signature, its version,
 * type, time and number included. Who the source is stands in record 0, which the first seal covers.
 */
export function sealRecord(seal: SealContent, privateKey: KeyObject): Buffer {
  const bytes = Buffer.alloc(SEAL_BYTES_MAX);
  const writer = new RecordWriter(bytes);
  writer.begin(AUDIT_TYPE.seal, seal.timeMs, seal.seq);
  writer.u32(FIELD.firstSeq, seal.firstSeq);
  writer.u32(FIELD.lastSeq, seal.lastSeq);
  writer.text(FIELD.recordsHash, seal.recordsHash, 0, seal.recordsHash.length);
  const previous = seal.previousSeal;
  if (previous !== undefined) writer.text(FIELD.previousSeal, previous, 0, previous.length);
  const signature = sign(null, signedBytes(bytes, 0, writer.at), privateKey);
  writer.text(FIELD.signature, signature, 0, signature.length);
  return bytes.subarray(0, writer.end());
}

/** What a seal says; undefined where these bytes are no seal. Whether it is true is another question. */
export function readSeal(bytes: Buffer, start: number, end: number): SealContent | undefined {
  const record = decodeRecord(bytes, start, end);
  if (!record.ok || record.value.type !== 'seal') return undefined;
  const { timeMs, seq, fields } = record.value;
  const { firstSeq, lastSeq, recordsHash, previousSeal } = fields;
  if (firstSeq === undefined || lastSeq === undefined || recordsHash === undefined) {
    return undefined;
  }
  return {
    timeMs,
    seq,
    firstSeq,
    lastSeq,
    recordsHash: Buffer.from(recordsHash),
    previousSeal: previousSeal && Buffer.from(previousSeal),
  };
}

/** Whether the node with this key signed the seal from `start` to `end`, which passed `recordFault`. */
export function verifySeal(
  publicKey: KeyObject,
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  const signatureStart = end - SIGNATURE_BYTES;
  const signedEnd = signatureStart - FIELD_HEADER_BYTES;
  const isSignedLast =
    signedEnd > start &&
    recordTypeAt(bytes, start) === AUDIT_TYPE.seal &&
    bytes[signedEnd] === FIELD.signature &&
    bytes[signedEnd + 1] === SIGNATURE_BYTES;
  if (!isSignedLast) return false;
  const signature = bytes.subarray(signatureStart, end);
  return verify(null, signedBytes(bytes, start, signedEnd), publicKey, signature);
}

/** SHA-256 of a whole seal record: what the next seal names. */
export function sealHash(seal: Uint8Array): Buffer {
  return hash('sha256', seal, 'buffer');
}

/** All but the length in front, which a signature that must be inside cannot cover. */
function signedBytes(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.concat([CONTEXT, bytes.subarray(start + LENGTH_BYTES, end)]);
}
