import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { err, ok, type Result } from '../result.ts';
import { canonicalJson, type SnapshotContent, type SnapshotMark } from './snapshot.ts';
import { decodeSnapshot } from './snapshot-decode.ts';

/** Why a `snapshot` payload is refused before its version is looked at. */
export interface SnapshotFault {
  readonly code: 'snapshot-unsigned' | 'snapshot-malformed' | 'snapshot-of-other-site';
  /** For the operator: every problem, with its place. */
  readonly problems: readonly string[];
}

/** A snapshot whose signature and content are good. */
export interface SignedSnapshot {
  readonly content: SnapshotContent;
  readonly mark: SnapshotMark;
}

const SIGNATURE_BYTES = 64;
/** So that a signature by this key over anything else is never a snapshot. */
const CONTEXT = Buffer.from('sallyport snapshot 1\0', 'latin1');

/** Payload of a `snapshot` frame: 64 bytes of Ed25519 signature, then canonical JSON in UTF-8. */
export function signSnapshot(content: SnapshotContent, signingKey: KeyObject): Buffer {
  const json = Buffer.from(canonicalJson(content), 'utf8');
  return Buffer.concat([sign(null, Buffer.concat([CONTEXT, json]), signingKey), json]);
}

/**
 * Opens a `snapshot` payload: signature first, and not one byte is looked at before it is good.
 *
 * Whether its version may be taken is `acceptSnapshot`'s question.
 */
export function openSnapshot(
  payload: Buffer,
  verifyingKey: KeyObject,
  site: string,
): Result<SignedSnapshot, SnapshotFault> {
  if (payload.length <= SIGNATURE_BYTES || verifyingKey.asymmetricKeyType !== 'ed25519') {
    return err({ code: 'snapshot-unsigned', problems: [] });
  }
  const json = payload.subarray(SIGNATURE_BYTES);
  const signature = payload.subarray(0, SIGNATURE_BYTES);
  if (!verify(null, Buffer.concat([CONTEXT, json]), verifyingKey, signature)) {
    return err({ code: 'snapshot-unsigned', problems: [] });
  }
  const content = decodeSnapshot(json);
  if (!content.ok) return err({ code: 'snapshot-malformed', problems: content.error });
  if (content.value.site !== site) return err({ code: 'snapshot-of-other-site', problems: [] });
  const digest = createHash('sha256').update(json).digest('hex');
  return ok({ content: content.value, mark: { version: content.value.version, digest } });
}
