import { Buffer } from 'node:buffer';
import { type KeyObject, sign, verify } from 'node:crypto';
import type { NoteSignature } from './note.ts';
import { keyId, NOTE_KEY_TYPE, type NoteKey } from './note-key.ts';
import { rawPublicKey } from './raw-key.ts';

const TIMESTAMP_BYTES = 8;
const SIGNATURE_BYTES = 64;
const TIMESTAMP_MAX = 2n ** 63n - 1n;

/**
 * A witness's word that at this time it knew no longer tree of this log, and saw it only grow (C2SP tlog-cosignature,
 * Ed25519).
 */
export function cosign(
  checkpointText: string,
  timestampS: number,
  privateKey: KeyObject,
  name: string,
): NoteSignature {
  const timestamp = Buffer.alloc(TIMESTAMP_BYTES);
  timestamp.writeBigUInt64BE(BigInt(timestampS));
  const signature = sign(null, signedText(checkpointText, BigInt(timestampS)), privateKey);
  return {
    name,
    keyId: keyId(name, NOTE_KEY_TYPE.cosignature, rawPublicKey(privateKey)),
    signature: Buffer.concat([timestamp, signature]),
  };
}

/** When this witness gave its word, in seconds since 1970; undefined where it did not, for this text. */
export function verifyCosignature(
  checkpointText: string,
  cosignature: NoteSignature,
  witness: NoteKey,
): number | undefined {
  const { name, keyId: id, signature } = cosignature;
  const isOfWitness =
    witness.type === NOTE_KEY_TYPE.cosignature && witness.name === name && witness.keyId === id;
  if (!isOfWitness || signature.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return undefined;
  const timestampS = signature.readBigUInt64BE(0);
  if (timestampS > TIMESTAMP_MAX) return undefined;
  const text = signedText(checkpointText, timestampS);
  const isGood = verify(null, text, witness.publicKey, signature.subarray(TIMESTAMP_BYTES));
  return isGood ? Number(timestampS) : undefined;
}

function signedText(checkpointText: string, timestampS: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${timestampS}\n${checkpointText}`, 'utf8');
}
