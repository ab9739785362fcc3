/**
 * Credit of one channel end, in payload bytes of `sip` and `sipTo` frames.
 *
 * Two windows: one for the whole channel, returned as soon as a frame has been read, so that it
 * bounds only what is under way; and one for each open flow, returned when the flow's owner has
 * done with the bytes. What the owner of a slow flow still holds therefore never stops another
 * flow. A flow that is not open (closed here, not yet there) counts on the channel window alone.
 */

/** What stands in the way of a frame. */
export type CreditVerdict = 'taken' | 'flow-empty' | 'channel-empty';

/** What we may still send to the peer. Never negative: a frame goes when all of it fits. */
export class SendCredit {
  readonly #channelBytesMax: number;
  readonly #flowBytesMax: number;
  readonly #flows = new Map<number, { bytes: number }>();
  #channelBytes: number;

  constructor(channelBytesMax: number, flowBytesMax: number) {
    this.#channelBytesMax = channelBytesMax;
    this.#flowBytesMax = flowBytesMax;
    this.#channelBytes = channelBytesMax;
  }

  open(flow: number): void {
    if (!this.#flows.has(flow)) this.#flows.set(flow, { bytes: this.#flowBytesMax });
  }

  forget(flow: number): void {
    this.#flows.delete(flow);
  }

  /** Whether `take` would succeed. */
  covers(flow: number, bytes: number): boolean {
    return bytes <= this.#channelBytes && this.flowCovers(flow, bytes);
  }

  /** Whether the flow's own window would let it go. */
  flowCovers(flow: number, bytes: number): boolean {
    const left = this.#flows.get(flow);
    return left === undefined || bytes <= left.bytes;
  }

  take(flow: number, bytes: number): CreditVerdict {
    const left = this.#flows.get(flow);
    if (left !== undefined && bytes > left.bytes) return 'flow-empty';
    if (bytes > this.#channelBytes) return 'channel-empty';
    this.#channelBytes -= bytes;
    if (left !== undefined) left.bytes -= bytes;
    return 'taken';
  }

  /** Flow 0 is the whole channel. False: the peer returned more than it was ever sent. */
  give(flow: number, bytes: number): boolean {
    if (flow === 0) {
      this.#channelBytes += bytes;
      return this.#channelBytes <= this.#channelBytesMax;
    }
    const left = this.#flows.get(flow);
    if (left === undefined) return true;
    left.bytes += bytes;
    return left.bytes <= this.#flowBytesMax;
  }
}

interface ReceivedFlow {
  /** The peer may still send this much. */
  bytesLeft: number;
  /** Received, and the owner has not said that it is done with them. */
  held: number;
  /** Done with, and not yet returned to the peer. */
  owed: number;
}

/**
 * What the peer may still send to us, and what we owe it.
 *
 * Credit is returned a quarter of a window at a time, so that a busy channel sends few credit
 * frames; since no frame may be larger than half a window, what is kept back never stops one.
 */
export class ReceiveCredit {
  readonly #channelBytesMax: number;
  readonly #flowBytesMax: number;
  readonly #flowsMax: number;
  readonly #flows = new Map<number, ReceivedFlow>();
  #channelBytesLeft: number;
  #channelOwed = 0;

  constructor(channelBytesMax: number, flowBytesMax: number, flowsMax: number) {
    this.#channelBytesMax = channelBytesMax;
    this.#flowBytesMax = flowBytesMax;
    this.#flowsMax = flowsMax;
    this.#channelBytesLeft = channelBytesMax;
  }

  /** False: more flows than the limit. */
  open(flow: number): boolean {
    if (this.#flows.has(flow)) return true;
    if (this.#flows.size >= this.#flowsMax) return false;
    this.#flows.set(flow, { bytesLeft: this.#flowBytesMax, held: 0, owed: 0 });
    return true;
  }

  forget(flow: number): void {
    this.#flows.delete(flow);
  }

  /** False: the peer sent more than its credit. */
  received(flow: number, bytes: number): boolean {
    this.#channelBytesLeft -= bytes;
    if (this.#channelBytesLeft < 0) return false;
    const entry = this.#flows.get(flow);
    if (entry === undefined) return true;
    entry.bytesLeft -= bytes;
    entry.held += bytes;
    return entry.bytesLeft >= 0;
  }

  /** A frame has been read. Returns how much to give back to the channel now, often 0. */
  read(bytes: number): number {
    this.#channelOwed += bytes;
    if (this.#channelOwed * 4 < this.#channelBytesMax) return 0;
    const returned = this.#channelOwed;
    this.#channelOwed = 0;
    this.#channelBytesLeft += returned;
    return returned;
  }

  /** The owner of a flow is done with bytes. Returns how much to give back to the flow now, often 0. */
  consumed(flow: number, bytes: number): number {
    const entry = this.#flows.get(flow);
    if (entry === undefined) return 0;
    if (bytes > entry.held) throw new Error('more consumed than was received on this flow');
    entry.held -= bytes;
    entry.owed += bytes;
    if (entry.owed * 4 < this.#flowBytesMax) return 0;
    const returned = entry.owed;
    entry.owed = 0;
    entry.bytesLeft += returned;
    return returned;
  }
}
