import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  unlinkSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { AUDIT_SPOOLED_BYTES_MAX } from '@sallyport/shared/channel/frame.ts';
import { errorCode } from '@sallyport/shared/error-code.ts';

/** What is known of a sealed blob without opening it: enough to say what is lost where it is damaged. */
export interface BlobSpan {
  readonly records: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A blob that waits in the spool. */
export interface SpooledBlob extends BlobSpan {
  readonly id: bigint;
}

export interface SpoolOptions {
  /** Of this worker alone. */
  readonly folder: string;
  /** Trouble with the disk, for the operators' log: what was tried, and the system's code. */
  readonly failed: (attempt: string, code: string) => void;
  /** Where a header is damaged nobody knows how many records there were: one counts, between the blobs on either side. */
  readonly damaged: (lost: BlobSpan) => void;
}

interface Entry extends SpooledBlob {
  readonly file: File;
  readonly at: number;
  readonly bytes: number;
}

interface File {
  readonly number: number;
  bytes: number;
  /**
   * Blobs in it that nobody has acknowledged, oldest first. Of one file alone: where a map is emptied from the front, each look for its
   * first passes those that were there, and a long outage leaves hundreds of thousands.
   */
  readonly waiting: Map<bigint, Entry>;
}

/** u32 length, u32 CRC-32 of the blob, u32 records, u32 CRC-32 of the rest of the header (zero by earlier builds), u64 from, u64 until. */
const ENTRY_HEADER_BYTES = 32;
const CHECK_AT = 12;
const CHECK_BYTES = 4;
const BLOB_BYTES_MAX = AUDIT_SPOOLED_BYTES_MAX - 8;
/** A file that has grown so far is followed by another: the first then goes when all of it is acknowledged. */
const FILE_BYTES = 4_194_304;
const FILE_NAME = /^(\d{8})\.spool$/;
const FILES_MAX = 99_999_999;
/** A blob is called by the number of its file, and its place there. */
const FILE_SHIFT = 32n;
/** Every write returns when its bytes are on the disk; fsync is not ours to call under the permission model. */
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC;

/**
 * Sealed blobs of records on the disk of the worker, oldest first, over restarts.
 *
 * A blob counts once it is on the disk; one that was cut by a crash never counted and is passed over. Files are only
 * ever appended to, by the run that made them, and removed when all in them is acknowledged.
 */
export class Spool {
  readonly #options: SpoolOptions;
  /** Those in which something waits, oldest first. */
  readonly #files = new Map<number, File>();
  #size = 0;
  #file: { readonly file: File; readonly descriptor: number } | undefined;
  #nextFile = 1;
  #bytes = 0;
  #isOpen = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Bytes of the files there are. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Blobs that wait. */
  get size(): number {
    return this.#size;
  }

  /** Finds what earlier runs have left, once; false where the folder cannot be used. */
  open(): boolean {
    if (this.#isOpen) return true;
    const { folder } = this.#options;
    this.#files.clear();
    this.#size = 0;
    this.#bytes = 0;
    this.#isOpen = this.#attempt(
      'open',
      () => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const numbers = readdirSync(folder)
          .map((name) => Number(FILE_NAME.exec(name)?.[1] ?? 0))
          .filter((number) => number > 0)
          .sort((one, other) => one - other);
        for (const number of numbers) {
          this.#nextFile = number + 1;
          this.#find(number);
        }
        return true;
      },
      false,
    );
    return this.#isOpen;
  }

  /** Blobs that wait, oldest first. */
  *waiting(): Iterable<SpooledBlob> {
    for (const { waiting } of this.#files.values()) yield* waiting.values();
  }

  /** Puts a blob on the disk; undefined: there is no room for it, or no disk. */
  append(box: Buffer, span: BlobSpan, bytesMax: number): bigint | undefined {
    const bytes = ENTRY_HEADER_BYTES + box.length;
    if (this.#bytes + bytes > bytesMax || box.length > BLOB_BYTES_MAX) return undefined;
    const header = Buffer.alloc(ENTRY_HEADER_BYTES);
    header.writeUInt32BE(box.length, 0);
    header.writeUInt32BE(crc32(box), 4);
    header.writeUInt32BE(span.records, 8);
    header.writeBigUInt64BE(BigInt(span.fromMs), 16);
    header.writeBigUInt64BE(BigInt(span.untilMs), 24);
    header.writeUInt32BE(checkOf(header, 0), CHECK_AT);
    const current = this.#attempt('create', () => this.#current(), undefined);
    if (current === undefined) return undefined;
    const { file, descriptor } = current;
    const at = file.bytes;
    const written = this.#attempt('write', () => writevSync(descriptor, [header, box]), 0);
    this.#bytes += written;
    file.bytes += written;
    if (written === bytes) return this.#add(file, at, box.length, span);
    // What follows half a blob could not be found again.
    if (written > 0) this.#options.failed('write', 'short');
    this.#endFile();
    return undefined;
  }

  /** The bytes of a blob, which may be damaged; undefined where the disk does not give them now. */
  read(id: bigint): Buffer | 'damaged' | undefined {
    const entry = this.#entry(id);
    if (entry === undefined) return 'damaged';
    const all = Buffer.allocUnsafe(ENTRY_HEADER_BYTES + entry.bytes);
    const read = this.#attempt('read', () => this.#readAt(entry, all), undefined);
    if (read === undefined) return undefined;
    const box = all.subarray(ENTRY_HEADER_BYTES);
    const isWhole = read === all.length && crc32(box) === all.readUInt32BE(4);
    return isWhole ? box : 'damaged';
  }

  /** Forgets a blob that is safe elsewhere; its file goes with the last one in it. */
  remove(id: bigint): void {
    const entry = this.#entry(id);
    if (entry === undefined) return;
    const { file } = entry;
    file.waiting.delete(id);
    this.#size--;
    if (file.waiting.size > 0) return;
    this.#files.delete(file.number);
    if (this.#file?.file === file) this.#endFile();
    else this.#unlink(file);
  }

  /** Lets go of the file that is written to; what waits stays on the disk. */
  close(): void {
    this.#endFile();
  }

  #current(): { readonly file: File; readonly descriptor: number } {
    if (this.#file !== undefined && this.#file.file.bytes >= FILE_BYTES) this.#endFile();
    if (this.#file === undefined) {
      if (this.#nextFile > FILES_MAX) this.#nextFile = 1;
      const file: File = { number: this.#nextFile++, bytes: 0, waiting: new Map() };
      const descriptor = openSync(this.#path(file.number), APPEND | constants.O_EXCL, 0o600);
      this.#file = { file, descriptor };
    }
    return this.#file;
  }

  #endFile(): void {
    const current = this.#file;
    if (current === undefined) return;
    this.#file = undefined;
    this.#attempt('close', () => closeSync(current.descriptor), undefined);
    if (current.file.waiting.size === 0) this.#unlink(current.file);
  }

  /** Walks over the headers of a file; what does not fit into it was cut by a crash, and what is damaged is passed over. */
  #find(number: number): void {
    const bytes = readFileSync(this.#path(number));
    const file: File = { number, bytes: bytes.length, waiting: new Map() };
    this.#bytes += bytes.length;
    let at = 0;
    let before: BlobSpan | undefined;
    while (at + ENTRY_HEADER_BYTES < bytes.length) {
      if (mayBeHeader(bytes, at) && hasRoom(bytes, at)) {
        before = spanAt(bytes, at);
        const length = bytes.readUInt32BE(at);
        this.#add(file, at, length, before);
        at += ENTRY_HEADER_BYTES + length;
        continue;
      }
      const next = nextHeader(bytes, at + 1);
      const isLast = next === bytes.length;
      // What a crash cut is the last there is: nothing comes behind it.
      if (isLast && mayBeHeader(bytes, at)) break;
      this.#options.damaged(spanBetween(before, isLast ? undefined : spanAt(bytes, next)));
      at = next;
    }
    if (at < bytes.length) this.#options.failed('open', 'cut');
    if (file.waiting.size === 0) this.#unlink(file);
  }

  #readAt({ file, at }: Entry, into: Buffer): number {
    const descriptor = openSync(this.#path(file.number), 'r');
    try {
      return readSync(descriptor, into, 0, into.length, at);
    } finally {
      closeSync(descriptor);
    }
  }

  #add(file: File, at: number, bytes: number, span: BlobSpan): bigint {
    const id = (BigInt(file.number) << FILE_SHIFT) | BigInt(at);
    file.waiting.set(id, { id, file, at, bytes, ...span });
    this.#files.set(file.number, file);
    this.#size++;
    return id;
  }

  #entry(id: bigint): Entry | undefined {
    return this.#files.get(Number(id >> FILE_SHIFT))?.waiting.get(id);
  }

  #unlink(file: File): void {
    this.#bytes -= file.bytes;
    file.bytes = 0;
    this.#attempt('remove', () => unlinkSync(this.#path(file.number)), undefined);
  }

  #path(number: number): string {
    return join(this.#options.folder, `${String(number).padStart(8, '0')}.spool`);
  }

  /** A disk that fails is a spool without room, and said so. */
  #attempt<T>(what: string, run: () => T, otherwise: T): T {
    try {
      return run();
    } catch (cause) {
      this.#options.failed(what, errorCode(cause) ?? 'unknown');
      return otherwise;
    }
  }
}

function checkOf(bytes: Buffer, at: number): number {
  const behind = bytes.subarray(at + CHECK_AT + CHECK_BYTES, at + ENTRY_HEADER_BYTES);
  return crc32(behind, crc32(bytes.subarray(at, at + CHECK_AT)));
}

function mayBeHeader(bytes: Buffer, at: number): boolean {
  const check = bytes.readUInt32BE(at + CHECK_AT);
  return check === 0 || check === checkOf(bytes, at);
}

/** Whether the blob of which a header tells can lie behind it. */
function hasRoom(bytes: Buffer, at: number): boolean {
  const length = bytes.readUInt32BE(at);
  return length > 0 && length <= BLOB_BYTES_MAX && at + ENTRY_HEADER_BYTES + length <= bytes.length;
}

/**
 * Where the next header begins that is whole, with room for its blob; the end of the file where there is none. It is looked for among the
 * octets of blobs: those are sealed, and nobody chooses what they look like.
 */
function nextHeader(bytes: Buffer, from: number): number {
  for (let at = from; at + ENTRY_HEADER_BYTES < bytes.length; at++) {
    if (!hasRoom(bytes, at)) continue;
    if (bytes.readUInt32BE(at + CHECK_AT) !== 0 && mayBeHeader(bytes, at)) return at;
  }
  return bytes.length;
}

function spanAt(bytes: Buffer, at: number): BlobSpan {
  return {
    records: bytes.readUInt32BE(at + 8),
    fromMs: Number(bytes.readBigUInt64BE(at + 16)),
    untilMs: Number(bytes.readBigUInt64BE(at + 24)),
  };
}

function spanBetween(before: BlobSpan | undefined, after: BlobSpan | undefined): BlobSpan {
  return {
    records: 1,
    fromMs: before?.untilMs ?? after?.fromMs ?? 0,
    untilMs: after?.fromMs ?? before?.untilMs ?? 0,
  };
}
