import type { BufferPool, ByteWriter, Slot, SlotOwner } from './buffer-pool.ts';
import type { Flushable, FlushSchedule } from './flush-schedule.ts';

export interface OutputBufferOptions {
  readonly pool: BufferPool;
  readonly schedule: FlushSchedule;
  /** Above this much pending, `commit` says stop. */
  readonly highWaterBytes: number;
  /** Pending has fallen to half of that after `commit` said stop. */
  readonly drained: () => void;
  /** What was gathered is about to be handed over: what is committed during the call goes with it. */
  readonly departing?: () => void;
}

const NO_BUFFER = Buffer.alloc(0);

/**
 * Gathers messages and writes them together, many to a TLS record.
 *
 * Between messages of one loop turn it holds one pooled buffer, when idle none. It never drops and
 * never waits: the owner looks at `pendingBytes`, which counts until the socket has taken the bytes,
 * and stops its source or closes the slow reader.
 */
export class OutputBuffer implements Flushable, SlotOwner {
  readonly #writer: ByteWriter;
  readonly #options: OutputBufferOptions;
  /** Where `reserve` said to write; replaced by the next `reserve` or flush. */
  buffer: Buffer = NO_BUFFER;
  #slot: Slot | undefined;
  #length = 0;
  #inFlightBytes = 0;
  #above = false;
  /** The schedule said flush while a write was under way. */
  #isDue = false;
  #scheduled = false;
  #closed = false;

  constructor(writer: ByteWriter, options: OutputBufferOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  /** Accepted and not yet taken by the socket. */
  get pendingBytes(): number {
    return this.#inFlightBytes + this.#length;
  }

  /** Makes room; the caller writes up to `bytes` into `buffer` from the returned offset and commits. */
  reserve(bytes: number): number {
    if (this.#slot !== undefined && this.#length + bytes > this.buffer.length) this.#write();
    if (this.#slot === undefined) {
      this.#slot = this.#options.pool.take(bytes);
      this.buffer = this.#slot.buffer;
    }
    return this.#length;
  }

  /** Takes over what may wait for company: it goes out with the next `commit`, or by `writeAll`. */
  commitPatiently(bytes: number): void {
    if (!this.#closed) this.#length += bytes;
  }

  /** Takes over what was written since `reserve`. False: enough is pending, wait for `drained`. */
  commit(bytes: number): boolean {
    if (this.#closed) return true;
    this.#length += bytes;
    if (this.#scheduled) {
      this.#options.schedule.more(this, this.#length);
    } else {
      this.#scheduled = true;
      this.#options.schedule.dirty(this);
    }
    if (this.pendingBytes <= this.#options.highWaterBytes) return true;
    this.#above = true;
    return false;
  }

  /** Sees to a flush as a commit would: what is committed while it departs goes with it. */
  expectFlush(): void {
    if (this.#closed || this.#scheduled) return;
    this.#scheduled = true;
    this.#options.schedule.dirty(this);
  }

  /** Copies a message in. */
  write(bytes: Buffer, start: number, end: number): boolean {
    const at = this.reserve(end - start);
    bytes.copy(this.buffer, at, start, end);
    return this.commit(end - start);
  }

  /**
   * The schedule's time has come. While the socket has not taken what it was given, more can only queue up
   * behind it: it is gathered for so long, a buffer at a time.
   */
  flush(): void {
    this.#isDue = this.#inFlightBytes > 0;
    if (!this.#isDue) this.writeAll();
  }

  /** Hands over to the socket all there is, such as before its end. */
  writeAll(): void {
    this.#isDue = false;
    this.#options.departing?.();
    this.#write();
    if (!this.#scheduled) return;
    this.#scheduled = false;
    this.#options.schedule.flushed();
  }

  /** Drops what has not been written and accepts no more: the socket is gone. */
  close(): void {
    this.#closed = true;
    this.#length = 0;
    this.#release();
  }

  slotWritten(bytes: number): void {
    this.#inFlightBytes -= bytes;
    if (this.#isDue) this.flush();
    if (!this.#above || this.#closed) return;
    if (this.pendingBytes * 2 > this.#options.highWaterBytes) return;
    this.#above = false;
    this.#options.drained();
  }

  #write(): void {
    const slot = this.#slot;
    if (slot === undefined) return;
    const length = this.#length;
    if (length === 0 || this.#closed) {
      this.#release();
      return;
    }
    this.#slot = undefined;
    this.buffer = NO_BUFFER;
    this.#length = 0;
    this.#inFlightBytes += length;
    slot.bytes = length;
    slot.owner = this;
    this.#writer.write(
      length === slot.buffer.length ? slot.buffer : slot.buffer.subarray(0, length),
      slot.written,
    );
  }

  #release(): void {
    if (this.#slot !== undefined) this.#options.pool.giveBack(this.#slot);
    this.#slot = undefined;
    this.buffer = NO_BUFFER;
  }
}
