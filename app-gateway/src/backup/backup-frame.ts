import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import {
  type BackupFile,
  type BackupManifest,
  backupFileSchema,
  backupManifestSchema,
} from './backup-manifest.ts';

/** What a backup is made of, one behind the other: files, rows, and at the end what all of it was. */
export type BackupFrame =
  | { readonly kind: 'file'; readonly file: BackupFile; readonly content: Buffer }
  | { readonly kind: 'rows'; readonly table: string; readonly rows: readonly string[] }
  | { readonly kind: 'manifest'; readonly manifest: BackupManifest };

/** Most that one file of a bundle may have: a revocation list is the largest. */
export const BACKUP_FILE_BYTES_MAX = 16_777_216;

const TYPES = { file: 1, rows: 2, manifest: 3 } as const;
const HEAD_OCTETS = 5;
const FRAME_BYTES_MAX = BACKUP_FILE_BYTES_MAX + 65_536;
/** Rows are at most what one answer of a gateway holds. */
const ROWS_BYTES_MAX = 67_108_864;

/** Type, length, and the content: a head in JSON with its length, and what follows it, deflated. */
export function encodeFrame(frame: BackupFrame): Buffer {
  switch (frame.kind) {
    case 'file':
      return framed(TYPES.file, frame.file, frame.content);
    case 'rows':
      return framed(TYPES.rows, { table: frame.table }, Buffer.from(frame.rows.join('\n')));
    case 'manifest':
      return framed(TYPES.manifest, frame.manifest, Buffer.alloc(0));
  }
}

function framed(type: number, head: object, content: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const deflated = deflateRawSync(content);
  const length = Buffer.alloc(HEAD_OCTETS + 4);
  length[0] = type;
  length.writeUInt32BE(4 + json.length + deflated.length, 1);
  length.writeUInt32BE(json.length, HEAD_OCTETS);
  return Buffer.concat([length, json, deflated]);
}

/** Cuts frames out of a backup as it is read. */
export class FrameReader {
  #held: Buffer[] = [];
  #octets = 0;
  /** Octets of the frame that is being read; before that there is nothing to cut. */
  #wanted = HEAD_OCTETS;

  /** Frames that are complete now. Behind a fault there is nothing more to read. */
  push(bytes: Buffer): Result<readonly BackupFrame[], string> {
    this.#held.push(bytes);
    this.#octets += bytes.length;
    if (this.#octets < this.#wanted) return ok([]);
    let held = Buffer.concat(this.#held);
    const frames: BackupFrame[] = [];
    while (held.length >= HEAD_OCTETS) {
      const length = held.readUInt32BE(1);
      if (length > FRAME_BYTES_MAX && held[0] !== TYPES.rows) return err('a part is too large');
      if (length > ROWS_BYTES_MAX) return err('a part is too large');
      this.#wanted = HEAD_OCTETS + length;
      if (held.length < this.#wanted) break;
      const frame = decode(held[0], held.subarray(HEAD_OCTETS, HEAD_OCTETS + length));
      if (frame === undefined) return err('a part is not understood');
      frames.push(frame);
      held = held.subarray(this.#wanted);
      this.#wanted = HEAD_OCTETS;
    }
    this.#held = [held];
    this.#octets = held.length;
    return ok(frames);
  }

  /** Whether nothing is left over. */
  get isEmpty(): boolean {
    return this.#octets === 0;
  }
}

/** It was sealed with its writer's passphrase: what is wrong with it is a fault of ours, or a later version's. */
function decode(type: number | undefined, bytes: Buffer): BackupFrame | undefined {
  if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32BE()) return undefined;
  const end = 4 + bytes.readUInt32BE();
  try {
    const head: unknown = JSON.parse(bytes.toString('utf8', 4, end));
    const content = inflateRawSync(bytes.subarray(end), { maxOutputLength: ROWS_BYTES_MAX });
    switch (type) {
      case TYPES.file:
        return { kind: 'file', file: backupFileSchema.parse(head), content };
      case TYPES.rows:
        return rowsFrame(head, content);
      case TYPES.manifest:
        return { kind: 'manifest', manifest: backupManifestSchema.parse(head) };
      default:
        return undefined;
    }
  } catch {
    // What zlib, JSON and the schema say by throwing.
    return undefined;
  }
}

function rowsFrame(head: unknown, content: Buffer): BackupFrame | undefined {
  if (typeof head !== 'object' || head === null || !('table' in head)) return undefined;
  if (typeof head.table !== 'string') return undefined;
  const text = content.toString('utf8');
  return { kind: 'rows', table: head.table, rows: text === '' ? [] : text.split('\n') };
}
