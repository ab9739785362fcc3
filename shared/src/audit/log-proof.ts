import { Buffer } from 'node:buffer';
import { HASH_BYTES } from './merkle.ts';

/** That a record is in a signed tree, as one text (C2SP tlog-proof): whoever has the public keys needs nothing else. */
export interface LogProof {
  readonly index: number;
  /** The record's octets: SHA-256 of 0x00 and these is the leaf. The format calls them extra data. */
  readonly record: Buffer;
  /** Nearest sibling first (RFC 9162 §2.1.3). */
  readonly path: readonly Uint8Array[];
  /** The signed note of the tree's head, with its cosignatures. */
  readonly checkpoint: string;
}

/** A path of 64 hashes, a record and a checkpoint with a signature of every node are well below. */
export const LOG_PROOF_BYTES_MAX = 262_144;

/** The first line of every such text. */
export const LOG_PROOF_TITLE = 'c2sp.org/tlog-proof@v1';

const PATH_MAX = 64;
const EXTRA = /^extra ([A-Za-z0-9+/]+={0,2})$/;
const INDEX = /^index (0|[1-9]\d{0,15})$/;

/** The text, line by line; the checkpoint stands in it as it is. */
export function formatLogProof({ index, record, path, checkpoint }: LogProof): string {
  return [
    LOG_PROOF_TITLE,
    `extra ${record.toString('base64')}`,
    `index ${index}`,
    ...path.map((hash) => Buffer.from(hash).toString('base64')),
    '',
    checkpoint,
  ].join('\n');
}

/** Reads such a text with a record in it; undefined: it is none. Whether it proves anything is another question. */
export function parseLogProof(text: string): LogProof | undefined {
  if (text.length > LOG_PROOF_BYTES_MAX) return undefined;
  const split = text.indexOf('\n\n');
  if (split < 0) return undefined;
  const [title, extra, indexLine, ...hashes] = text.slice(0, split).split('\n');
  const record = bytesOf(EXTRA.exec(extra ?? '')?.[1]);
  const index = Number(INDEX.exec(indexLine ?? '')?.[1] ?? Number.NaN);
  if (title !== LOG_PROOF_TITLE || record === undefined || !Number.isSafeInteger(index)) {
    return undefined;
  }
  const path: Buffer[] = [];
  for (const line of hashes) {
    const hash = bytesOf(line);
    if (hash?.length !== HASH_BYTES || path.length === PATH_MAX) return undefined;
    path.push(hash);
  }
  return { index, record, path, checkpoint: text.slice(split + 2) };
}

/** One spelling of every value. */
function bytesOf(base64: string | undefined): Buffer | undefined {
  const bytes = Buffer.from(base64 ?? '', 'base64');
  return bytes.length > 0 && bytes.toString('base64') === base64 ? bytes : undefined;
}
