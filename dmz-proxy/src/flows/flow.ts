import type { Socket } from 'node:net';
import type { FlowOpened, Sighting } from '@sallyport/shared/channel/flow.ts';
import { messagePool } from '@sallyport/shared/io/buffer-pool.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { everyTurn } from '@sallyport/shared/io/flush-schedule.ts';
import { OutputBuffer } from '@sallyport/shared/io/output-buffer.ts';
import { endWhenWritten } from '@sallyport/shared/io/socket-end.ts';
import { readInto } from '@sallyport/shared/io/user-buffer.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader, type MessageSink } from '@sallyport/shared/sip/message-reader.ts';
import type { Endpoint } from '../connections/doorstep.ts';
import type { Identity } from '../identity/identity.ts';
import { announcementOf } from './announcement.ts';
import type { ConnectionEnds } from './connection-ends.ts';

/** What a flow tells its owner. */
export interface FlowEvents {
  /** A whole message; `index` is valid only during the call. */
  message(flow: Flow, index: MessageIndex): void;
  /** A framing fault: answer if possible; the flow closes itself afterwards. */
  fatal(flow: Flow, index: MessageIndex, answerable: boolean): void;
  /** Once, at the first sign of life: what the partner sends, it sends to the key that we showed. */
  heard(flow: Flow): void;
  /** Exactly once. */
  closed(flow: Flow, reason: string): void;
}

/** What does not change while a connection lives. */
export interface FlowFacts {
  readonly id: number;
  readonly direction: 'inbound' | 'outbound';
  /** The partner's address as the balancer, if any, reported it. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Who reported it. */
  readonly balancer?: Endpoint;
  readonly localAddress: string;
  readonly localPort: number;
  /** Inbound: `address:port` of the listener. */
  readonly listener?: string;
  /** Inbound: `host:port` by which partners know the listener, where that is a name of its own. */
  readonly advertised?: string;
  /** What was shown; nothing is over plain TCP. */
  readonly ownIdentity?: string;
  /** Base64 SHA-256 of the public key that was shown. */
  readonly ownKey?: string;
  readonly openedAtMs: number;
  /** Outbound: the host that was asked for, and port if one was given; what this flow may be used for. */
  readonly nextHop: string | undefined;
}

/** What went over a connection so far, keep-alive included in the octets. */
export interface FlowTotals {
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly messagesReceived: number;
  readonly messagesSent: number;
}

/** Waits and sizes of one flow. */
export interface FlowLimits {
  readonly queueBytesMax: number;
  readonly firstMessageTimeoutMs: number;
  readonly pongTimeoutMs: number;
}

/** Who gave bytes that this flow has not got rid of: told when it has. */
export interface CreditOwner {
  consumed(flow: number, bytes: number): void;
}

/** An end that was begun. */
interface Ending {
  readonly reason: string;
  readonly untilMs: number;
  readonly graceUntilMs: number;
}

/** Above this much unsent, credit is held back until the partner has taken some. */
const HOLD_CREDIT_BYTES = 65_536;
/** So much that brought nothing may come between two sweeps: each costs as much as a message that does. */
const IN_VAIN_MAX = 1000;
const PING = Buffer.from('\r\n\r\n', 'latin1');
const PONG = Buffer.from('\r\n', 'latin1');

/**
 * One authenticated connection with a partner, in either direction.
 *
 * Holds no timer and no buffer while idle: `sweep` is called about once a second for all flows in turn.
 */
export class Flow implements MessageSink {
  readonly facts: FlowFacts;
  identity: Identity;
  /** Channels that have no credit for this flow: it is not read while there is one. */
  blockedBy = 0;
  /** The peer may be sent requests on its own connection (RFC 5923 §4); undefined until its first request. */
  isAlias: boolean | undefined;
  /** Requests of this connection that nobody inside has answered yet. */
  requestsOwed = 0;
  /** Requests that were sent on it, less final responses that came; a peer that does not answer leaves it high. */
  requestsAwaited = 0;
  /** Octets of the longest that gateways are told of it, as it is now. */
  announcedBytes = 0;
  /** Whether some gateway was told to put the handshake on record. */
  isOnRecord = false;
  /** What the records about its messages have in common, once there is one. */
  recordEnds: ConnectionEnds | undefined;
  readonly #socket: Socket;
  readonly #events: FlowEvents;
  readonly #limits: FlowLimits;
  readonly #reader: MessageReader;
  readonly #output: OutputBuffer;
  #held: { owner: CreditOwner; bytes: number }[] | undefined;
  #isClosed = false;
  #heard = false;
  #messages = 0;
  #inVain = 0;
  #isHeldBack = false;
  #messagesSent = 0;
  #bytesReceived = 0;
  #bytesSent = 0;
  #stallSinceMs = 0;
  #stallMessages = 0;
  #openedAtMs: number;
  #nextPingAtMs = 0;
  #pingSentAtMs = 0;
  #answersPings = false;
  #ending: Ending | undefined;
  #isPastGrace = false;

  constructor(
    socket: Socket,
    facts: FlowFacts,
    identity: Identity,
    index: MessageIndex,
    limits: FlowLimits,
    events: FlowEvents,
    nowMs: number,
  ) {
    this.facts = facts;
    this.identity = identity;
    this.#socket = socket;
    this.#events = events;
    this.#limits = limits;
    this.#openedAtMs = nowMs;
    this.#reader = new MessageReader(index, this);
    this.#output = new OutputBuffer(socket, {
      pool: messagePool,
      schedule: everyTurn,
      highWaterBytes: HOLD_CREDIT_BYTES,
      drained: () => this.#returnCredit(),
    });
    socket.on('error', () => this.close('socket-error'));
    socket.on('close', () => this.close('peer-closed'));
  }

  /** Begins to read; the owner knows the flow by now. */
  start(): void {
    readInto(this.#socket, (bytes, start, end) => {
      this.#bytesReceived += end - start;
      this.#reader.push(bytes, start, end);
    });
    if (this.#socket.destroyed) this.close('peer-closed');
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Without TLS. */
  get isPlain(): boolean {
    return this.identity.path === undefined;
  }

  /** It lives only for what is under way: nothing new may use it. */
  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** Whether a request that a gateway sends may go out on it. */
  get takesRequests(): boolean {
    return this.#ending === undefined || !this.#isPastGrace;
  }

  /** Something has come from the partner, after the handshake. */
  get isHeard(): boolean {
    return this.#heard;
  }

  get totals(): FlowTotals {
    return {
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#bytesSent,
      messagesReceived: this.#messages,
      messagesSent: this.#messagesSent,
    };
  }

  /** What a gateway is told of it, and is to put on record. */
  announcement(sightings: readonly Sighting[]): FlowOpened {
    return announcementOf(this, this.#socket, sightings);
  }

  /** Sends a message to the partner; closes the flow when it does not take it. */
  write(bytes: Buffer, start: number, end: number): void {
    if (this.#isClosed) return;
    this.#messagesSent++;
    this.#put(bytes, start, end);
  }

  /** Sends a request, and remembers that a final response is awaited. */
  writeRequest(bytes: Buffer, start: number, end: number): void {
    if (!isAck(bytes, start)) {
      this.requestsAwaited++;
      this.identity.partner.load.requestSent();
    }
    this.write(bytes, start, end);
  }

  /** A final response has come. */
  finalResponse(): void {
    if (this.requestsAwaited > 0) this.requestsAwaited--;
  }

  /** Returns credit for bytes that were written: at once, or when the partner has taken them. */
  consume(owner: CreditOwner, bytes: number): void {
    if (this.#isClosed || this.#output.pendingBytes <= HOLD_CREDIT_BYTES) {
      owner.consumed(this.facts.id, bytes);
      return;
    }
    this.#held ??= [];
    const known = this.#held.find((entry) => entry.owner === owner);
    if (known === undefined) this.#held.push({ owner, bytes });
    else known.bytes += bytes;
  }

  /** A channel has run out of credit for this flow: its partner must wait. */
  block(): void {
    if (this.blockedBy++ === 0) this.#socket.pause();
  }

  unblock(): void {
    if (--this.blockedBy === 0 && !this.#isClosed) this.#socket.resume();
  }

  /**
   * What came was refused, dropped or only a sign of life: where there is too much of it, of this connection or of all that its
   * partner has, no more is read until the next sweep. True: from now on.
   */
  inVain(): boolean {
    if (this.#isClosed) return false;
    this.#inVain++;
    const isTooMuchOfAll = this.identity.partner.load.broughtInVain(1);
    if (this.#isHeldBack || !(isTooMuchOfAll || this.#inVain >= IN_VAIN_MAX)) return false;
    this.#isHeldBack = true;
    this.block();
    return true;
  }

  /**
   * Ends the connection as soon as all requests on it are answered, and in any case at `untilMs`.
   *
   * Meanwhile its owner lets nothing new in, and nothing new out; but until `graceUntilMs` what gateways
   * sent before they knew of it still goes out, and the connection stays for its answers.
   */
  end(reason: string, untilMs: number, graceUntilMs = 0): void {
    if (this.#ending !== undefined) return;
    this.#ending = { reason, untilMs, graceUntilMs };
    this.#isPastGrace = graceUntilMs === 0;
  }

  /** Looks after time: silence at the start, messages that never end, keep-alive, and an end that was begun. */
  sweep(nowMs: number, jitter: number): void {
    const { firstMessageTimeoutMs, pongTimeoutMs } = this.#limits;
    this.#readOn();
    if (this.#ending !== undefined) {
      this.#isPastGrace = nowMs >= this.#ending.graceUntilMs;
      const isDone = this.#isPastGrace && this.requestsOwed <= 0 && this.requestsAwaited <= 0;
      if (isDone || nowMs >= this.#ending.untilMs) return this.close(this.#ending.reason);
    }
    const isSilent = !this.#heard && this.facts.direction === 'inbound';
    if (isSilent && nowMs - this.#openedAtMs > firstMessageTimeoutMs) {
      return this.close('first-message-timeout');
    }
    if (this.#isStalled(nowMs, firstMessageTimeoutMs)) return this.close('message-timeout');
    // A flow that is not read cannot be heard either.
    if (this.blockedBy > 0) this.#pingSentAtMs = 0;
    if (this.#pingSentAtMs > 0) {
      if (nowMs - this.#pingSentAtMs <= pongTimeoutMs) return;
      if (this.#answersPings) return this.close('keep-alive-timeout');
      this.#pingSentAtMs = 0;
    }
    this.#ping(nowMs, jitter);
  }

  message(index: MessageIndex): void {
    this.#hear();
    this.#messages++;
    this.#events.message(this, index);
  }

  keepAlivePing(): void {
    this.#hear();
    this.inVain();
    this.#put(PONG, 0, PONG.length);
  }

  keepAlivePong(): void {
    this.#answersPings = true;
    this.#pingSentAtMs = 0;
  }

  fatal(index: MessageIndex, answerable: boolean): void {
    this.#events.fatal(this, index, answerable);
    this.close('framing-fault');
  }

  /** Ends the connection; what was written still goes out, if the partner takes it soon, and nothing more is read. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forgetInVain();
    this.#reader.stop();
    this.#output.writeAll();
    this.#output.close();
    this.#returnCredit();
    this.#events.closed(this, reason);
    if (!this.#socket.destroyed) endWhenWritten(this.#socket, systemClock);
  }

  #put(bytes: Buffer, start: number, end: number): void {
    if (this.#isClosed) return;
    this.#bytesSent += end - start;
    this.#output.write(bytes, start, end);
    if (this.#output.pendingBytes > this.#limits.queueBytesMax) this.close('partner-too-slow');
  }

  #readOn(): void {
    this.#forgetInVain();
    if (!this.#isHeldBack) return;
    this.#isHeldBack = false;
    // What it did not get to say includes its answer to our ping.
    this.#pingSentAtMs = 0;
    this.unblock();
  }

  #forgetInVain(): void {
    this.identity.partner.load.forgetInVain(this.#inVain);
    this.#inVain = 0;
  }

  #hear(): void {
    if (this.#heard) return;
    this.#heard = true;
    this.#events.heard(this);
  }

  /** A message that began must end: one byte now and then is no progress (slow-loris). */
  #isStalled(nowMs: number, timeoutMs: number): boolean {
    if (!this.#reader.isMidMessage || this.blockedBy > 0) {
      this.#stallSinceMs = 0;
      return false;
    }
    if (this.#stallSinceMs === 0 || this.#stallMessages !== this.#messages) {
      this.#stallSinceMs = nowMs;
      this.#stallMessages = this.#messages;
      return false;
    }
    return nowMs - this.#stallSinceMs > timeoutMs;
  }

  /** RFC 5626 §4.4.1; each interval is drawn anew from the last fifth, so that flows do not ping together. */
  #ping(nowMs: number, jitter: number): void {
    const intervalMs = this.identity.partner.settings.keepAliveMs;
    if (intervalMs <= 0) return;
    if (this.#nextPingAtMs === 0) this.#nextPingAtMs = nowMs + intervalMs * (0.8 + 0.2 * jitter);
    if (nowMs < this.#nextPingAtMs) return;
    this.#nextPingAtMs = nowMs + intervalMs * (0.8 + 0.2 * jitter);
    this.#pingSentAtMs = nowMs;
    this.#reader.expectPong();
    this.#put(PING, 0, PING.length);
  }

  #returnCredit(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    for (const { owner, bytes } of held) owner.consumed(this.facts.id, bytes);
  }
}

/** The one request that no one answers. */
function isAck(bytes: Buffer, start: number): boolean {
  return (
    bytes[start] === 0x41 &&
    bytes[start + 1] === 0x43 &&
    bytes[start + 2] === 0x4b &&
    bytes[start + 3] === 0x20
  );
}
