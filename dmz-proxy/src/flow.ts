import type { TLSSocket } from 'node:tls';
import type { FlowOpened } from '@sallyport/shared/channel/flow.ts';
import { messagePool } from '@sallyport/shared/io/buffer-pool.ts';
import { everyTurn } from '@sallyport/shared/io/flush-schedule.ts';
import { OutputBuffer } from '@sallyport/shared/io/output-buffer.ts';
import { readInto } from '@sallyport/shared/io/user-buffer.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader, type MessageSink } from '@sallyport/shared/sip/message-reader.ts';
import type { Identity } from './identity.ts';

/** What a flow tells its owner. */
export interface FlowEvents {
  /** A whole message; `index` is valid only during the call. */
  message(flow: Flow, index: MessageIndex): void;
  /** A framing fault: answer if possible; the flow closes itself afterwards. */
  fatal(flow: Flow, index: MessageIndex, answerable: boolean): void;
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
  readonly localPort: number;
  readonly ownIdentity: string;
  readonly openedAtMs: number;
  /** Outbound: the host that was asked for, and port if one was given; what this flow may be used for. */
  readonly nextHop: string | undefined;
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

/** Above this much unsent, credit is held back until the partner has taken some. */
const HOLD_CREDIT_BYTES = 65_536;
const END_TIMEOUT_MS = 2000;
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
  /** Its requests that no gateway has finally answered. */
  requestsInFlight = 0;
  /** Channels that have no credit for this flow: it is not read while there is one. */
  blockedBy = 0;
  /** The peer may be sent requests on its own connection (RFC 5923 §4); undefined until its first request. */
  isAlias: boolean | undefined;
  readonly #socket: TLSSocket;
  readonly #events: FlowEvents;
  readonly #limits: FlowLimits;
  readonly #reader: MessageReader;
  readonly #output: OutputBuffer;
  #held: { owner: CreditOwner; bytes: number }[] | undefined;
  #isClosed = false;
  #heard = false;
  #messages = 0;
  #stallSinceMs = 0;
  #stallMessages = 0;
  #openedAtMs: number;
  #nextPingAtMs = 0;
  #pingSentAtMs = 0;
  #answersPings = false;

  constructor(
    socket: TLSSocket,
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
    readInto(this.#socket, (bytes, start, end) => this.#reader.push(bytes, start, end));
    if (this.#socket.destroyed) this.close('peer-closed');
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What the gateways are told of it. */
  announcement(): FlowOpened {
    const { direction, remoteAddress, remotePort, localPort, ownIdentity, openedAtMs } = this.facts;
    const group = ephemeralGroup(this.#socket);
    return {
      partner: this.identity.partner.id,
      identities: [...this.identity.domains],
      ownIdentity,
      direction,
      remoteAddress,
      remotePort,
      localPort,
      openedAtMs,
      tls: {
        version: this.#socket.getProtocol() ?? 'unknown',
        cipher: this.#socket.getCipher()?.name ?? 'unknown',
        ...(group === undefined ? {} : { group }),
      },
    };
  }

  /** Sends bytes to the partner; closes the flow when it does not take them. */
  write(bytes: Buffer, start: number, end: number): void {
    if (this.#isClosed) return;
    this.#output.write(bytes, start, end);
    if (this.#output.pendingBytes > this.#limits.queueBytesMax) this.close('partner-too-slow');
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

  /** Looks after time: silence at the start, messages that never end, keep-alive, and dates. */
  sweep(nowMs: number, wallMs: number, jitter: number): void {
    const { firstMessageTimeoutMs, pongTimeoutMs } = this.#limits;
    if (wallMs > this.identity.path.notAfterMs) return this.close('certificate-expired');
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
    this.#heard = true;
    this.#messages++;
    this.#events.message(this, index);
  }

  keepAlivePing(): void {
    this.#heard = true;
    this.write(PONG, 0, PONG.length);
  }

  keepAlivePong(): void {
    this.#answersPings = true;
    this.#pingSentAtMs = 0;
  }

  fatal(index: MessageIndex, answerable: boolean): void {
    this.#events.fatal(this, index, answerable);
    this.close('framing-fault');
  }

  /** Ends the connection; what was written still goes out, if the partner takes it soon. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#output.writeAll();
    this.#output.close();
    this.#returnCredit();
    this.#events.closed(this, reason);
    if (this.#socket.destroyed) return;
    this.#socket.setTimeout(END_TIMEOUT_MS, () => this.#socket.destroy());
    this.#socket.destroySoon();
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
    this.write(PING, 0, PING.length);
  }

  #returnCredit(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    for (const { owner, bytes } of held) owner.consumed(this.facts.id, bytes);
  }
}

/** Known to the client's side only. */
function ephemeralGroup(socket: TLSSocket): string | undefined {
  const key = socket.getEphemeralKeyInfo();
  return key !== null && 'name' in key && typeof key.name === 'string' ? key.name : undefined;
}
