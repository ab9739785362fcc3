import {
  FRAME,
  FRAME_HEAD_BYTES,
  type LedgerKeys,
  type NumberedSource,
  type PackHeader,
  SOURCE_HEAD_BYTES,
  SUBTREE_BYTES,
  type Subtree,
} from './pack-format.ts';

/** The first line of a pack. */
export function packHeader(header: PackHeader): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n`);
}

export function keysFrame(keys: LedgerKeys): Buffer {
  return frame(FRAME.keys, Buffer.from(JSON.stringify(keys)));
}

export function checkpointFrame(note: string): Buffer {
  return frame(FRAME.checkpoint, Buffer.from(note));
}

export function subtreesFrame(subtrees: readonly Subtree[]): Buffer {
  const payload = Buffer.alloc(subtrees.length * SUBTREE_BYTES);
  for (const [at, { level, number, hash }] of subtrees.entries()) {
    payload.writeUInt8(level, at * SUBTREE_BYTES);
    payload.writeBigUInt64BE(BigInt(number), at * SUBTREE_BYTES + 1);
    hash.copy(payload, at * SUBTREE_BYTES + 9);
  }
  return frame(FRAME.subtrees, payload);
}

export function sourceFrame({ number, source }: NumberedSource): Buffer {
  const head = Buffer.alloc(SOURCE_HEAD_BYTES);
  head.writeUInt16BE(number, 0);
  head.writeUInt8(source.worker, 2);
  head.writeBigUInt64BE(source.epoch, 3);
  return frame(FRAME.source, Buffer.concat([head, Buffer.from(source.node)]));
}

export function tileFrame(number: number, hashes: Buffer): Buffer {
  return frame(FRAME.tile, Buffer.concat([u64(number), hashes]));
}

/** Records from `firstIndex` on, one after another; `source` is the number that a source frame gave. */
export function recordsFrame(
  firstIndex: number,
  records: readonly { readonly source: number; readonly record: Buffer }[],
): Buffer {
  const parts = [u64(firstIndex)];
  for (const { source, record } of records) {
    const number = Buffer.alloc(2);
    number.writeUInt16BE(source);
    parts.push(number, record);
  }
  return frame(FRAME.records, Buffer.concat(parts));
}

export function endFrame(records: number): Buffer {
  return frame(FRAME.end, u64(records));
}

function frame(kind: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt8(kind, 0);
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

function u64(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}
