import type { TLSSocket } from 'node:tls';
import type { ClockOffset } from '../channel/clock-offset.ts';
import { ReceiveCredit } from '../channel/credit.ts';
import { type FrameFault, FrameType, payloadBytesMax } from '../channel/frame.ts';
import { FrameReader, type FrameSink } from '../channel/frame-reader.ts';
import { decodeHello, type Hello } from '../channel/hello.ts';
import { greeting, type LinkFault, type LinkInput, type LinkState, step } from '../channel/link.ts';
import type { SendQueueLimits } from '../channel/send-queue.ts';
import { channelPool } from './buffer-pool.ts';
import type { ChannelSink } from './channel-sink.ts';
import type { ChannelPeer } from './channel-tls.ts';
import type { Clock, Timer } from './clock.ts';
import { ClockTalk } from './clock-talk.ts';
import { AdaptiveHold, everyTurn } from './flush-schedule.ts';
import { FrameWriter, type Reservation } from './frame-writer.ts';
import { HeldReading, type Turns } from './held-reading.ts';
import { OutputBuffer } from './output-buffer.ts';
import { endSocket } from './socket-end.ts';
import { readInto } from './user-buffer.ts';

export interface ChannelLimits extends SendQueueLimits {
  readonly flowsMax: number;
}

export interface ChannelOptions {
  /** What we say of ourselves, with the windows we grant. */
  readonly own: Hello;
  /** Who the verified certificate says the peer is. */
  readonly certified: ChannelPeer;
  readonly clock: Clock;
  readonly limits: ChannelLimits;
  /** Whether writes may be held up to a millisecond when busy, and news of flows for five. */
  readonly flush: 'adaptive' | 'every-turn';
  /** A last word on a peer that said a proper hello: a reason to close, or nothing. */
  readonly admit?: (peer: Hello, connection: ChannelConnection) => string | undefined;
  /** Hears of every read, and has peers rest that bring too much; without it each is read as it sends. */
  readonly turns?: Turns<ChannelConnection>;
}

export const DEFAULT_CHANNEL_LIMITS: ChannelLimits = {
  flowQueueBytesMax: 1_048_576,
  queueBytesMax: 33_554_432,
  flowsMax: 65_536,
};

const TICK_MS = 1000;
/** How long news of flows waits for company: it still goes before any message of those flows. */
const PATIENCE_MS = 5;
/** Above this much unsent, reports are dropped rather than queued. */
const REPORT_PENDING_BYTES_MAX = 1_048_576;
const OVERFLOW = Buffer.from('{"reason":"channel-queue-overflow"}', 'utf8');

/**
 * One end of the channel between a proxy and a gateway, over a socket whose peer has been verified.
 *
 * Frames of one flow keep their order; flows do not wait for each other. Every queue is bounded:
 * when a flow's overflows that flow is closed, when the channel's does the channel is.
 */
export class ChannelConnection {
  /** Called whenever what was gathered is about to leave: what it sends leaves with it, in the same write. */
  boards: (() => void) | undefined;
  /** Whether the peer is read at all: while it is not, not even its pings are answered. */
  readonly reading: HeldReading;
  readonly #socket: TLSSocket;
  readonly #options: ChannelOptions;
  readonly #sink: ChannelSink;
  readonly #output: OutputBuffer;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #receive: ReceiveCredit;
  readonly #clocks: ClockTalk;
  readonly #ticks: Timer;
  #peer: Hello | undefined;
  #link: LinkState;
  #heard = false;
  #hasPonged = false;
  #patience: Timer | undefined;

  /** `open` is called within the constructor, before anything else happens. */
  constructor(
    socket: TLSSocket,
    options: ChannelOptions,
    open: (connection: ChannelConnection) => ChannelSink,
  ) {
    this.#socket = socket;
    this.reading = new HeldReading(socket);
    this.#options = options;
    this.#link = greeting(options.clock.monotonicMs());
    this.#output = new OutputBuffer(socket, {
      pool: channelPool,
      schedule: options.flush === 'adaptive' ? new AdaptiveHold(options.clock) : everyTurn,
      // Credit, not a mark of its own, bounds what is written to a channel.
      highWaterBytes: Number.POSITIVE_INFINITY,
      drained: () => undefined,
      departing: () => this.boards?.(),
    });
    this.#writer = new FrameWriter(this.#output, options.limits, {
      flowWritable: (flow) => this.#sink.flowWritable(flow),
      flowOverflow: (flow) => this.#flowOverflow(flow),
      channelOverflow: () => this.close('queue-overflow' satisfies LinkFault),
    });
    const { creditBytes, flowCreditBytes } = options.own;
    this.#receive = new ReceiveCredit(creditBytes, flowCreditBytes, options.limits.flowsMax);
    const frames: FrameSink = {
      frame: (type, flags, flow, exchange, bytes, start, end) =>
        this.#frame(type, flags, flow, exchange, bytes, start, end),
      fault: (fault: FrameFault) => this.close(fault),
    };
    this.#reader = new FrameReader(options.certified.role, frames);
    this.#clocks = new ClockTalk(options, this.#writer, (...turn) =>
      this.#sink.clockTurned(...turn),
    );
    this.#sink = open(this);
    this.#ticks = options.clock.every(TICK_MS, () => this.#tick());
    this.#start(socket);
  }

  /** Who the peer's certificate says it is. */
  get certified(): ChannelPeer {
    return this.#options.certified;
  }

  /** The peer's hello, once it has been accepted. */
  get peer(): Hello | undefined {
    return this.#peer;
  }

  /** Whether the peer takes new requests; that we drain keeps nothing from it that our dialogs still need. */
  get isAvailable(): boolean {
    return this.#link.phase === 'open' && !this.#link.peerDraining;
  }

  /** Whether it has left a ping unanswered, for some seconds and until now: of two peers the other one is to be asked. */
  get isQuiet(): boolean {
    return this.#link.phase === 'open' && this.#link.isQuiet;
  }

  /** How far the peer's clock is from ours; undefined while that is not known, as with a peer of an older version. */
  get clockOffset(): ClockOffset | undefined {
    return this.#clocks.offset;
  }

  /** Bytes that wait for credit, and bytes the socket has not taken. */
  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  /**
   * Sends one frame; the payload is copied. False: it waits for credit (or, after the end, is
   * dropped), and the owner should stop the source of this flow until `flowWritable`.
   * `flow` is 0 on a `sipTo` frame. A payload larger than its type allows is the caller's bug.
   */
  send(
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    return this.#writer.send(type, flags, flow, exchange, bytes, start, end);
  }

  /**
   * Room for a payload of up to `sizeMax` bytes, to be written in place and committed before any
   * other call; without a commit the reservation is void. Undefined: no credit now, use `send`.
   * The returned object is the same each time.
   */
  reserve(
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    sizeMax: number,
  ): Reservation | undefined {
    return this.#writer.reserve(type, flags, flow, exchange, sizeMax);
  }

  /** Sends what was written into the reservation. */
  commit(bytes: number): boolean {
    return this.#writer.commit(bytes);
  }

  /**
   * Sends a control frame. False: it was not sent, because the channel is not open, the payload is
   * too large, too many flows are open, or (log and metrics) the peer is behind. A string is JSON already.
   */
  sendJson(type: number, flow: number, exchange: number, value: object | string): boolean {
    if (!this.#writer.isStarted) return false;
    const payload = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    if (payload.length > payloadBytesMax(type)) return false;
    if (type === FrameType.log || type === FrameType.metrics) {
      if (this.#output.pendingBytes > REPORT_PENDING_BYTES_MAX) return false;
    }
    if (type === FrameType.flowOpened && !this.#openFlow(flow)) return false;
    const canWait = type === FrameType.flowOpened || type === FrameType.flowClosed;
    if (canWait && this.#options.flush === 'adaptive') {
      this.#writer.controlPatiently(type, flow, exchange, payload);
      this.#patience ??= this.#options.clock.after(PATIENCE_MS, () => {
        this.#patience = undefined;
        this.#output.flush();
      });
    } else {
      this.#writer.control(type, flow, exchange, payload);
    }
    if (type === FrameType.flowClosed) this.forgetFlow(flow);
    if (type === FrameType.closeFlow) this.#writer.dropWaiting(flow);
    return true;
  }

  /** Sends a frame of no flow; it needs no credit. Its payload is `head` and then `bytes[start, end)`. False: not open, or too large. */
  sendParts(...frame: Parameters<FrameWriter['controlParts']>): boolean {
    return this.#writer.controlParts(...frame);
  }

  /** Something waits to board: it leaves with what leaves next, at the latest when the schedule says. */
  expectDeparture(): void {
    this.#output.expectFlush();
  }

  /** Hands over all there is now, held or not. */
  depart(): void {
    this.#output.writeAll();
  }

  /** The owner is done with so many bytes of a `sip` frame of this flow: more may come. */
  consumed(flow: number, bytes: number): void {
    this.#giveCredit(flow, this.#receive.consumed(flow, bytes));
  }

  /** Drops what waits on a flow, and its window. `flowClosed`, sent or received, does so by itself. */
  forgetFlow(flow: number): void {
    this.#writer.forgetFlow(flow);
    this.#receive.forget(flow);
  }

  /** Asks the peer for no more new requests. */
  drain(): void {
    this.#turn({ type: 'drain' });
  }

  /** Ends the channel; what has been written still goes out. */
  close(reason: string): void {
    this.#turn({ type: 'close', reason });
  }

  #start(socket: TLSSocket): void {
    socket.setNoDelay(true);
    socket.on('error', () => this.close('socket-error' satisfies LinkFault));
    socket.on('close', () => this.close('ended' satisfies LinkFault));
    const hello = Buffer.from(JSON.stringify(this.#options.own), 'utf8');
    this.#writer.control(FrameType.hello, 0, 0, hello);
    readInto(socket, (bytes, start, end) => {
      this.#heard = true;
      this.#reader.push(bytes, start, end);
      this.#options.turns?.took(this, end - start);
    });
    if (socket.destroyed) this.close('ended' satisfies LinkFault);
  }

  #frame(
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    if (type === FrameType.hello) {
      this.#greet(bytes, start, end);
    } else if (!this.#writer.isStarted) {
      this.#turn({ type: 'other-frame' });
    } else if (type === FrameType.sip || type === FrameType.sipTo) {
      if (!this.#receive.received(flow, end - start)) {
        this.close('credit-overrun' satisfies LinkFault);
        return;
      }
      this.#sink.frame(type, flags, flow, exchange, bytes, start, end);
      this.#giveCredit(0, this.#receive.read(end - start));
    } else {
      this.#controlFrame(type, flags, flow, exchange, bytes, start, end);
    }
  }

  #controlFrame(
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    switch (type) {
      case FrameType.credit:
        if (!this.#writer.creditReturned(flow, exchange)) {
          this.close('credit-overflow' satisfies LinkFault);
        }
        return;
      case FrameType.ping:
        // Who asks without end, and never reads, is answered once between two ticks.
        if (!this.#hasPonged) this.#writer.control(FrameType.pong, 0, 0);
        this.#hasPonged = true;
        return;
      case FrameType.pong:
        return;
      case FrameType.askTime:
        this.#clocks.tell(exchange);
        return;
      case FrameType.tellTime:
        if (!this.#clocks.told(exchange, bytes, start, end)) {
          this.close('payload-malformed' satisfies LinkFault);
        }
        return;
      case FrameType.drain:
        this.#turn({ type: 'peer-drain' });
        return;
      case FrameType.flowOpened:
        if (!this.#openFlow(flow)) this.close('flow-limit' satisfies LinkFault);
        else this.#sink.frame(type, flags, flow, exchange, bytes, start, end);
        return;
      case FrameType.flowClosed:
        this.#sink.frame(type, flags, flow, exchange, bytes, start, end);
        this.forgetFlow(flow);
        return;
      default:
        this.#sink.frame(type, flags, flow, exchange, bytes, start, end);
    }
  }

  #greet(bytes: Buffer, start: number, end: number): void {
    const hello = decodeHello(bytes, start, end);
    if (!hello.ok) return this.close('hello-malformed' satisfies LinkFault);
    const nowMs = this.#options.clock.monotonicMs();
    this.#turn({ type: 'hello', hello: hello.value, nowMs });
  }

  #ready(peer: Hello): void {
    const refusal = this.#options.admit?.(peer, this);
    if (refusal !== undefined) return this.close(refusal);
    this.#peer = peer;
    this.#writer.start(peer);
    this.#clocks.tick(peer);
    this.#sink.ready(peer);
  }

  /** Flow 0 means "no flow", so it cannot be opened; it counts as one too many. */
  #openFlow(flow: number): boolean {
    if (flow === 0 || !this.#receive.open(flow)) return false;
    this.#writer.openFlow(flow);
    return true;
  }

  /** The flow's peer does not keep up: its proxy closes it, on its own behalf or told by the gateway. */
  #flowOverflow(flow: number): void {
    if (this.#options.own.role === 'gateway') {
      this.#writer.control(FrameType.closeFlow, flow, 0, OVERFLOW);
      return;
    }
    queueMicrotask(() => {
      if (this.#link.phase !== 'open') return;
      this.#sink.frame(FrameType.closeFlow, 0, flow, 0, OVERFLOW, 0, OVERFLOW.length);
    });
  }

  #giveCredit(flow: number, bytes: number): void {
    if (bytes > 0 && this.#writer.isStarted) this.#writer.control(FrameType.credit, flow, bytes);
  }

  #tick(): void {
    const heard = this.#heard;
    [this.#heard, this.#hasPonged] = [false, false];
    this.#clocks.tick(this.#peer);
    this.#turn({ type: 'tick', nowMs: this.#options.clock.monotonicMs(), heard });
  }

  #turn(input: LinkInput): void {
    const { state, effects } = step(this.#link, input, this.#options.own, this.#options.certified);
    this.#link = state;
    for (const effect of effects) {
      switch (effect.type) {
        case 'ready':
          this.#ready(effect.hello);
          break;
        case 'send-ping':
          this.#writer.control(FrameType.ping, 0, 0);
          break;
        case 'send-drain':
          this.#writer.control(FrameType.drain, 0, 0);
          break;
        case 'tell-draining':
          this.#sink.draining();
          break;
        case 'close':
          this.#shut(effect.reason);
          break;
      }
    }
  }

  #shut(reason: string): void {
    this.#writer.stop();
    this.#options.turns?.ended(this);
    this.#ticks.stop();
    this.#reader.stop();
    this.#patience?.stop();
    this.#output.writeAll();
    this.#output.close();
    if (!this.#socket.destroyed) endSocket(this.#socket, this.#options.clock);
    queueMicrotask(() => this.#sink.closed(reason));
  }
}
