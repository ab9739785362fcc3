import { SendCredit } from '../channel/credit.ts';
import {
  encodeFrameHeader,
  FRAME_HEADER_BYTES,
  FrameType,
  payloadBytesMax,
} from '../channel/frame.ts';
import { CREDIT_BYTES_MIN, type Hello } from '../channel/hello.ts';
import { SendQueue, type SendQueueLimits, type WaitingFrame } from '../channel/send-queue.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** What a frame writer tells its channel. */
export interface FrameWriterEvents {
  /** All that waited on this flow (0: frames of no flow) has gone out. */
  flowWritable(flow: number): void;
  /** More waits on this flow than it may: what waited has been dropped. */
  flowOverflow(flow: number): void;
  /** More waits on the whole channel than it may. */
  channelOverflow(): void;
}

/** A place to write a payload to. */
export interface Reservation {
  readonly buffer: Buffer;
  readonly at: number;
}

/** A peer may grant more, and take nothing: so much of messages is left unsent at most. Neither program grants more. */
export const WINDOW_BYTES_MAX = 16 * CREDIT_BYTES_MIN;
/** Above the peer's window plus this much unsent, the peer is not even reading control frames. */
const CONTROL_PENDING_BYTES_MAX = 134_217_728;
/** Up to so many bytes are copied sooner by a loop than by a call. */
const LOOP_BYTES_MAX = 16;

/**
 * Puts frames into a channel's output: messages as credit allows, control frames always.
 *
 * Before `start` and after `stop` it sends no message.
 */
export class FrameWriter {
  readonly #output: OutputBuffer;
  readonly #queue: SendQueue;
  readonly #events: FrameWriterEvents;
  readonly #reservation: { buffer: Buffer; at: number } = { buffer: Buffer.alloc(0), at: 0 };
  readonly #reserved = { type: 0, flags: 0, flow: 0, exchange: 0 };
  /** Flows that overflowed and have not ended yet: nothing more waits on them. */
  readonly #condemned = new Set<number>();
  #credit: SendCredit | undefined;
  #pendingBytesMax = CONTROL_PENDING_BYTES_MAX;

  constructor(output: OutputBuffer, limits: SendQueueLimits, events: FrameWriterEvents) {
    this.#output = output;
    this.#queue = new SendQueue(limits);
    this.#events = events;
  }

  /** The peer's hello has come: it grants these windows, and they are used up to our own limit. */
  start({ creditBytes, flowCreditBytes }: Pick<Hello, 'creditBytes' | 'flowCreditBytes'>): void {
    const window = Math.min(creditBytes, WINDOW_BYTES_MAX);
    this.#credit = new SendCredit(window, Math.min(flowCreditBytes, window));
    this.#pendingBytesMax = window + CONTROL_PENDING_BYTES_MAX;
  }

  stop(): void {
    this.#credit = undefined;
  }

  get isStarted(): boolean {
    return this.#credit !== undefined;
  }

  /** Bytes that wait for credit, and bytes the socket has not taken. */
  get pendingBytes(): number {
    return this.#queue.bytes + this.#output.pendingBytes;
  }

  /** Copies one frame into the output. False: it waits for credit, or there is no channel. */
  send(
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    const size = end - start;
    if (size > payloadBytesMax(type)) throw new Error('payload too large for its frame type');
    const credit = this.#credit;
    if (credit === undefined) return false;
    if (type === FrameType.sip || type === FrameType.sipTo) {
      if (this.#queue.mustWait(flow) || credit.take(flow, size) !== 'taken') {
        const payload = Buffer.from(bytes.subarray(start, end));
        this.#wait(credit, { type, flags, flow, exchange, payload });
        return false;
      }
    }
    const at = this.#output.reserve(FRAME_HEADER_BYTES + size);
    const into = this.#output.buffer;
    const payloadAt = encodeFrameHeader(into, at, size, type, flags, flow, exchange);
    bytes.copy(into, payloadAt, start, end);
    this.#output.commit(FRAME_HEADER_BYTES + size);
    return true;
  }

  reserve(
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    sizeMax: number,
  ): Reservation | undefined {
    const credit = this.#credit;
    if (credit === undefined || sizeMax > payloadBytesMax(type)) return undefined;
    if (this.#queue.mustWait(flow) || !credit.covers(flow, sizeMax)) return undefined;
    const reserved = this.#reserved;
    reserved.type = type;
    reserved.flags = flags;
    reserved.flow = flow;
    reserved.exchange = exchange;
    this.#reservation.at = this.#output.reserve(FRAME_HEADER_BYTES + sizeMax) + FRAME_HEADER_BYTES;
    this.#reservation.buffer = this.#output.buffer;
    return this.#reservation;
  }

  commit(bytes: number): boolean {
    const { type, flags, flow, exchange } = this.#reserved;
    if (this.#credit === undefined || type === 0) return false;
    this.#reserved.type = 0;
    if (type === FrameType.sip || type === FrameType.sipTo) this.#credit.take(flow, bytes);
    const { buffer, at } = this.#reservation;
    encodeFrameHeader(buffer, at - FRAME_HEADER_BYTES, bytes, type, flags, flow, exchange);
    this.#output.commit(FRAME_HEADER_BYTES + bytes);
    return true;
  }

  /** A frame that needs no credit. */
  control(type: number, flow: number, exchange: number, payload?: Buffer, flags = 0): void {
    this.#output.commit(this.#putControl(type, flow, exchange, payload, flags));
    this.#checkPending();
  }

  /** The same of a frame that need not leave before the next one. */
  controlPatiently(type: number, flow: number, exchange: number, payload: Buffer): void {
    this.#output.commitPatiently(this.#putControl(type, flow, exchange, payload, 0));
    this.#checkPending();
  }

  /** The same of one whose payload is `head` and then `bytes[start, end)`. False: not open, or too large. */
  controlParts(
    type: number,
    exchange: number,
    head: Buffer,
    bytes: Buffer = head,
    start = 0,
    end = 0,
  ): boolean {
    const size = head.length + end - start;
    if (this.#credit === undefined || size > payloadBytesMax(type)) return false;
    const at = this.#output.reserve(FRAME_HEADER_BYTES + size);
    const into = this.#output.buffer;
    const payloadAt = encodeFrameHeader(into, at, size, type, 0, 0, exchange);
    put(head, into, payloadAt);
    bytes.copy(into, payloadAt + head.length, start, end);
    this.#output.commit(FRAME_HEADER_BYTES + size);
    this.#checkPending();
    return true;
  }

  openFlow(flow: number): void {
    this.#credit?.open(flow);
  }

  /** Drops what waits on a flow that is about to end. */
  dropWaiting(flow: number): void {
    this.#queue.forget(flow);
  }

  forgetFlow(flow: number): void {
    this.#queue.forget(flow);
    this.#credit?.forget(flow);
    this.#condemned.delete(flow);
  }

  /** False: the peer returned more than it was sent. */
  creditReturned(flow: number, bytes: number): boolean {
    const credit = this.#credit;
    if (credit === undefined) return true;
    if (!credit.give(flow, bytes)) return false;
    if (this.#queue.bytes === 0) return true;
    this.#queue.release(
      flow,
      credit,
      (frame) => this.control(frame.type, frame.flow, frame.exchange, frame.payload, frame.flags),
      (emptied) => this.#events.flowWritable(emptied),
    );
    return true;
  }

  #putControl(
    type: number,
    flow: number,
    exchange: number,
    payload: Buffer | undefined,
    flags: number,
  ): number {
    const size = payload === undefined ? 0 : payload.length;
    const at = this.#output.reserve(FRAME_HEADER_BYTES + size);
    const into = this.#output.buffer;
    const payloadAt = encodeFrameHeader(into, at, size, type, flags, flow, exchange);
    payload?.copy(into, payloadAt);
    return FRAME_HEADER_BYTES + size;
  }

  #checkPending(): void {
    if (this.#output.pendingBytes > this.#pendingBytesMax) this.#events.channelOverflow();
  }

  #wait(credit: SendCredit, frame: WaitingFrame): void {
    if (this.#condemned.has(frame.flow)) return;
    switch (this.#queue.add(frame, credit)) {
      case 'queued':
        return;
      case 'flow-overflow':
        this.#queue.forget(frame.flow);
        this.#condemned.add(frame.flow);
        this.#events.flowOverflow(frame.flow);
        return;
      case 'channel-overflow':
        this.#events.channelOverflow();
        return;
    }
  }
}

/** Copies all of it. */
function put(bytes: Buffer, into: Buffer, at: number): void {
  const { length } = bytes;
  if (length > LOOP_BYTES_MAX) bytes.copy(into, at);
  else for (let i = 0; i < length; i++) into[at + i] = bytes[i] as number;
}
