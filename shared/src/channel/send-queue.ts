import { Fifo } from '../net/fifo.ts';
import type { SendCredit } from './credit.ts';

/** A frame that waits for credit, with a copy of its payload. */
export interface WaitingFrame {
  readonly type: number;
  readonly flags: number;
  readonly flow: number;
  readonly exchange: number;
  readonly payload: Buffer;
}

/** Why a frame was not queued: the flow alone must go, or the whole channel. */
export type QueueVerdict = 'queued' | 'flow-overflow' | 'channel-overflow';

/** How much may wait, per flow and in all. */
export interface SendQueueLimits {
  readonly flowQueueBytesMax: number;
  readonly queueBytesMax: number;
}

interface FlowQueue {
  readonly flow: number;
  readonly frames: Fifo<WaitingFrame>;
  bytes: number;
}

/**
 * Frames that wait for credit: in order within a flow, in turns between flows.
 *
 * Flow 0 is the queue of frames that belong to no flow yet. While any frame waits for the whole
 * channel, all later ones queue behind it: otherwise small frames would starve large ones.
 */
export class SendQueue {
  readonly #limits: SendQueueLimits;
  readonly #queues = new Map<number, FlowQueue>();
  /** Queues whose first frame waits for the channel, in turn; the others wait for their own flow. */
  readonly #turns = new Set<FlowQueue>();
  #bytes = 0;

  constructor(limits: SendQueueLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a frame of this flow must wait behind others. */
  mustWait(flow: number): boolean {
    return this.#queues.size > 0 && (this.#turns.size > 0 || this.#queues.has(flow));
  }

  add(frame: WaitingFrame, credit: SendCredit): QueueVerdict {
    const size = frame.payload.length;
    const queue = this.#queues.get(frame.flow) ?? {
      flow: frame.flow,
      frames: new Fifo(),
      bytes: 0,
    };
    if (queue.bytes + size > this.#limits.flowQueueBytesMax && frame.flow !== 0) {
      return 'flow-overflow';
    }
    if (this.#bytes + size > this.#limits.queueBytesMax) return 'channel-overflow';
    if (queue.frames.length === 0) {
      this.#queues.set(frame.flow, queue);
      if (credit.flowCovers(frame.flow, size)) this.#turns.add(queue);
    }
    queue.frames.push(frame);
    queue.bytes += size;
    this.#bytes += size;
    return 'queued';
  }

  /** Credit came back for one flow, or for the channel (0): sends what it covers. */
  release(
    flow: number,
    credit: SendCredit,
    send: (frame: WaitingFrame) => void,
    emptied: (flow: number) => void,
  ): void {
    if (flow !== 0) {
      const queue = this.#queues.get(flow);
      if (queue === undefined) return;
      this.#turns.add(queue);
    }
    for (const queue of this.#turns) {
      const frame = queue.frames.first as WaitingFrame;
      const verdict = credit.take(queue.flow, frame.payload.length);
      if (verdict === 'channel-empty') return;
      this.#turns.delete(queue);
      if (verdict === 'flow-empty') continue;
      queue.frames.shift();
      queue.bytes -= frame.payload.length;
      this.#bytes -= frame.payload.length;
      if (queue.frames.length > 0) this.#turns.add(queue);
      else this.#queues.delete(queue.flow);
      send(frame);
      if (queue.frames.length === 0) emptied(queue.flow);
    }
  }

  /** The flow is gone, and what waited for it. */
  forget(flow: number): void {
    const queue = this.#queues.get(flow);
    if (queue === undefined) return;
    this.#queues.delete(flow);
    this.#turns.delete(queue);
    this.#bytes -= queue.bytes;
  }
}
