import { Buffer } from 'node:buffer';
import type { KeyObject } from 'node:crypto';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { cosign } from './cosignature.ts';
import { EMPTY_ROOT, verifyConsistency } from './merkle.ts';
import { type NoteSignature, verifyNote } from './note.ts';
import type { NoteKey } from './note-key.ts';
import type { WitnessRequest } from './witness-request.ts';

/** The newest head a witness gave its word for; it must be on disk before the word is given. */
export interface Witnessed {
  readonly size: number;
  readonly root: Buffer;
}

/** What a witness remembers of a log it has never seen. */
export const NEVER_WITNESSED: Witnessed = { size: 0, root: EMPTY_ROOT };

/** Whose word for what: one log and its keys, one witness and its key. */
export interface WitnessTerms {
  readonly origin: string;
  readonly logKeys: readonly NoteKey[];
  readonly name: string;
  readonly privateKey: KeyObject;
}

/** Codes of C2SP tlog-witness, which are those of HTTP. */
export type WitnessAnswer =
  | { readonly code: 200; readonly cosignature: NoteSignature }
  /** Other than asked from: its own size, from which to prove anew; a known size with another root is a second history. */
  | { readonly code: 409; readonly size: number; readonly isFork: boolean }
  /** 400 malformed, 403 not signed by the log, 404 another log, 422 the proof does not prove it. */
  | { readonly code: 400 | 403 | 404 | 422 };

/** What a witness remembers afterwards, and what it says. */
export interface WitnessTurn {
  readonly kept: Witnessed;
  readonly answer: WitnessAnswer;
}

/**
 * One request to a witness (C2SP tlog-witness, add-checkpoint).
 *
 * `kept` must be durable before the answer leaves, and no other request may come in between: else a witness would
 * give its word for two histories. What is refused changes nothing.
 */
export function witness(
  kept: Witnessed,
  request: WitnessRequest,
  terms: WitnessTerms,
  timestampS: number,
): WitnessTurn {
  const refuse = (answer: WitnessAnswer): WitnessTurn => ({ kept, answer });
  const checkpoint = parseCheckpoint(request.note.text);
  if (!checkpoint.ok) return refuse({ code: 400 });
  const { origin, size, root } = checkpoint.value;
  if (origin !== terms.origin) return refuse({ code: 404 });
  if (!verifyNote(request.note, terms.logKeys).ok) return refuse({ code: 403 });
  if (request.oldSize > size) return refuse({ code: 400 });
  const fault = faultOf(kept, request, checkpoint.value);
  if (fault !== undefined) return refuse(fault);
  const cosignature = cosign(request.note.text, timestampS, terms.privateKey, terms.name);
  return { kept: { size, root }, answer: { code: 200, cosignature } };
}

function faultOf(
  kept: Witnessed,
  { oldSize, proof }: WitnessRequest,
  { size, root }: Checkpoint,
): WitnessAnswer | undefined {
  if (oldSize !== kept.size) return { code: 409, size: kept.size, isFork: false };
  if (oldSize === size && Buffer.compare(kept.root, root) !== 0) {
    return { code: 409, size: kept.size, isFork: true };
  }
  return verifyConsistency(oldSize, size, kept.root, root, proof) ? undefined : { code: 422 };
}
