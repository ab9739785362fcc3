import type { AuditSource } from '@sallyport/shared/audit/source.ts';

/** First line of a pack: JSON of this, and a line feed. */
export interface PackHeader {
  readonly format: typeof PACK_FORMAT;
  readonly version: typeof PACK_VERSION;
  /** Name of the ledger, as its checkpoints have it. */
  readonly origin: string;
  /** Places of the records in it: [from, to). */
  readonly from: number;
  readonly to: number;
  /** Size of the tree to whose root they are proved. */
  readonly size: number;
}

export const PACK_FORMAT = 'sallyport-audit-pack';
export const PACK_VERSION = 1;
export const HEADER_BYTES_MAX = 4096;
/** u8 kind, u32 length. */
export const FRAME_HEAD_BYTES = 5;
export const FRAME_BYTES_MAX = 1_048_576;
/** u8 level, u64 number, hash. */
export const SUBTREE_BYTES = 41;
/** u16 number, u8 worker, u64 epoch. */
export const SOURCE_HEAD_BYTES = 11;

/** What a frame holds; unknown kinds are faults, for nothing in a pack may go unread. */
export const FRAME = {
  /** JSON of `LedgerKeys`. */
  keys: 1,
  /** A signed note, cosignatures included. */
  checkpoint: 2,
  /** u8 level, u64 number, 32 octets, repeated: hashes of the tree left or right of the records. */
  subtrees: 3,
  /** u16 number here, u8 worker, u64 epoch, node: whose the records are that name this number. */
  source: 4,
  /** u64 number, hashes: a tile of leaf hashes as the ledger stored it. */
  tile: 5,
  /** u64 index of the first, then u16 source and the record, repeated. */
  records: 6,
  /** u64 count of records. */
  end: 7,
} as const;

/** Who may sign what; 32 octets each, base64. */
export interface LedgerKeys {
  readonly origin: string;
  readonly ledger: string;
  /** By node. */
  readonly witnesses: Readonly<Record<string, string>>;
  /** Which of these are no longer of the site, and the day (UTC) since when: `2026-11-21`. */
  readonly former?: Readonly<Record<string, string>>;
}

/** A hash of a perfect part of the tree: leaves [number << level, (number + 1) << level). */
export interface Subtree {
  readonly level: number;
  readonly number: number;
  readonly hash: Buffer;
}

/** A source with the number that stands for it. */
export interface NumberedSource {
  readonly number: number;
  readonly source: AuditSource;
}
