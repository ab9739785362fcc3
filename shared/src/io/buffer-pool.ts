/** Where an output buffer writes to: a TLS socket, or a recorder in tests. */
export interface ByteWriter {
  write(chunk: Buffer, done: (cause?: Error | null) => void): boolean;
}

/** One borrowed buffer, and the write callback that gives it back. */
export interface Slot {
  readonly buffer: Buffer;
  /** Passed to `write`; made once per slot, so that a flush makes no closure. */
  readonly written: () => void;
  /** Who hears that the write is over. */
  owner: SlotOwner | undefined;
  bytes: number;
}

/** What is told when a slot's bytes have left. */
export interface SlotOwner {
  slotWritten(bytes: number): void;
}

/**
 * Output buffers, borrowed while there is something to write and given back by the write callback.
 *
 * A buffer made per write is external memory that makes V8 run full collections; with the pool an
 * idle connection owns none and a busy one makes none. A message larger than a slot gets a buffer
 * of its own, which is not kept.
 */
export class BufferPool {
  readonly slotBytes: number;
  readonly #keptMax: number;
  readonly #free: Slot[] = [];

  constructor(slotBytes: number, keptMax: number) {
    this.slotBytes = slotBytes;
    this.#keptMax = keptMax;
  }

  /** Free slots in hand, for tests and metrics. */
  get free(): number {
    return this.#free.length;
  }

  take(bytesMin: number): Slot {
    if (bytesMin > this.slotBytes) return this.#make(bytesMin);
    return this.#free.pop() ?? this.#make(this.slotBytes);
  }

  /** Gives back a slot that was never written. */
  giveBack(slot: Slot): void {
    slot.owner = undefined;
    if (slot.buffer.length === this.slotBytes && this.#free.length < this.#keptMax) {
      this.#free.push(slot);
    }
  }

  #make(bytes: number): Slot {
    const slot: Slot = {
      buffer: Buffer.allocUnsafeSlow(bytes),
      written: () => {
        const owner = slot.owner;
        this.giveBack(slot);
        owner?.slotWritten(slot.bytes);
      },
      owner: undefined,
      bytes: 0,
    };
    return slot;
  }
}

/** For partner connections: one message is about a kilobyte. */
export const messagePool = new BufferPool(8192, 1024);

/** For channels and inner servers, of which there are few: one buffer takes what a loop turn brings under load. */
export const channelPool = new BufferPool(65_536, 64);
