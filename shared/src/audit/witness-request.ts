import { Buffer } from 'node:buffer';
import { err, ok, type Result } from '../result.ts';
import { HASH_BYTES } from './merkle.ts';
import { formatNote, type Note, parseNote } from './note.ts';

/** A signed checkpoint, and the proof that it only added to what the witness knows. */
export interface WitnessRequest {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: Note;
}

/** More than the proof of any tree can have (C2SP tlog-witness). */
const PROOF_LINES_MAX = 63;
const OLD_SIZE = /^old (0|[1-9]\d{0,15})$/;

/** The body of an add-checkpoint request, as it crosses the channel. */
export function formatWitnessRequest({ oldSize, proof, note }: WitnessRequest): Buffer {
  const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  return Buffer.from(`old ${oldSize}\n${lines.join('')}\n${formatNote(note)}`, 'utf8');
}

/** Reads such a body; whether signature and proof are good is the witness's question. */
export function parseWitnessRequest(
  bytes: Buffer,
): Result<WitnessRequest, 'witness-request-malformed'> {
  const malformed = err('witness-request-malformed' as const);
  const split = bytes.indexOf('\n\n');
  if (split < 0) return malformed;
  const [first = '', ...rest] = bytes.toString('latin1', 0, split).split('\n');
  const oldSize = Number(OLD_SIZE.exec(first)?.[1]);
  if (!Number.isSafeInteger(oldSize) || rest.length > PROOF_LINES_MAX) return malformed;
  const proof = rest.map((line) => Buffer.from(line, 'base64'));
  const isExact = proof.every(
    (hash, place) => hash.length === HASH_BYTES && hash.toString('base64') === rest[place],
  );
  const note = parseNote(bytes.subarray(split + 2));
  return isExact && note.ok ? ok({ oldSize, proof, note: note.value }) : malformed;
}
