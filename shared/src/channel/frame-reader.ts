import {
  type ChannelRole,
  FRAME_HEADER_BYTES,
  type FrameFault,
  frameFault,
  readU32,
} from './frame.ts';

/** What a reader tells its owner. `bytes[start, end)` is the payload, valid only during the call. */
export interface FrameSink {
  frame(
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void;
  /** Close the channel; the reader ignores everything after this. */
  fault(fault: FrameFault): void;
}

/** A buffer of up to this size is kept for the next frame that arrives in pieces. */
const KEPT_BYTES_MAX = 65_536;

/**
 * Cuts a channel's byte stream into frames, however it was split.
 *
 * A frame that is whole in a chunk is passed on in place. One that is not is gathered, and never
 * more than one header and the largest payload of its type: memory follows what has arrived, not
 * what the header claims.
 */
export class FrameReader {
  readonly #from: ChannelRole;
  readonly #sink: FrameSink;
  #held: Buffer = Buffer.alloc(0);
  #heldBytes = 0;
  #stopped = false;

  constructor(from: ChannelRole, sink: FrameSink) {
    this.#from = from;
    this.#sink = sink;
  }

  /** Takes `bytes[start, end)`, which the caller may overwrite afterwards. */
  push(bytes: Buffer, start: number, end: number): void {
    let at = start;
    if (this.#heldBytes > 0) at = this.#complete(bytes, at, end);
    while (!this.#stopped && end - at >= FRAME_HEADER_BYTES) {
      const fault = frameFault(bytes, at, this.#from);
      if (fault !== undefined) {
        this.#fail(fault);
        return;
      }
      const next = at + FRAME_HEADER_BYTES + readU32(bytes, at);
      if (next > end) break;
      this.#deliver(bytes, at, next);
      at = next;
    }
    if (!this.#stopped && at < end) this.#hold(bytes, at, end);
  }

  /** Nothing is delivered any more, not even the rest of the chunk in hand. */
  stop(): void {
    this.#stopped = true;
    this.#held = Buffer.alloc(0);
    this.#heldBytes = 0;
  }

  /** Adds to the held frame what it still lacks; returns where the rest of the chunk starts. */
  #complete(bytes: Buffer, start: number, end: number): number {
    let at = start;
    if (this.#heldBytes < FRAME_HEADER_BYTES) {
      at = this.#holdUpTo(FRAME_HEADER_BYTES, bytes, at, end);
      if (this.#heldBytes < FRAME_HEADER_BYTES) return end;
      const fault = frameFault(this.#held, 0, this.#from);
      if (fault !== undefined) {
        this.#fail(fault);
        return end;
      }
    }
    const frameBytes = FRAME_HEADER_BYTES + readU32(this.#held, 0);
    at = this.#holdUpTo(frameBytes, bytes, at, end);
    if (this.#heldBytes < frameBytes) return end;
    const frame = this.#held;
    this.#heldBytes = 0;
    if (frame.length > KEPT_BYTES_MAX) this.#held = Buffer.alloc(0);
    this.#deliver(frame, 0, frameBytes);
    return at;
  }

  #deliver(bytes: Buffer, at: number, end: number): void {
    this.#sink.frame(
      bytes[at + 4] as number,
      bytes[at + 5] as number,
      readU32(bytes, at + 8),
      readU32(bytes, at + 12),
      bytes,
      at + FRAME_HEADER_BYTES,
      end,
    );
  }

  #holdUpTo(total: number, bytes: Buffer, start: number, end: number): number {
    const until = Math.min(end, start + total - this.#heldBytes);
    this.#hold(bytes, start, until);
    return until;
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    const needed = this.#heldBytes + end - start;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(4096, needed * 2));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#heldBytes, start, end);
    this.#heldBytes = needed;
  }

  #fail(fault: FrameFault): void {
    this.stop();
    this.#sink.fault(fault);
  }
}
