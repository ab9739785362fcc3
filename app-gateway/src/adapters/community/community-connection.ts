import type { TLSSocket } from 'node:tls';
import { channelPool } from '@sallyport/shared/io/buffer-pool.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { AdaptiveHold } from '@sallyport/shared/io/flush-schedule.ts';
import { OutputBuffer } from '@sallyport/shared/io/output-buffer.ts';
import { endSocket } from '@sallyport/shared/io/socket-end.ts';
import { readInto } from '@sallyport/shared/io/user-buffer.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader, type MessageSink } from '@sallyport/shared/sip/message-reader.ts';
import type { TransactionShare } from '../../domain/core/transaction-share.ts';
import type { Link, Origin, Outgoing } from '../../domain/signalling.ts';

/** What is done with the traffic of an inner server. */
export interface CommunityTraffic {
  request(index: MessageIndex, from: CommunityConnection): void;
  response(index: MessageIndex, from: CommunityConnection): void;
  /** A link is without a connection, and nothing comes back of what was sent on it. */
  linkLost(link: Link): void;
  /** Another connection with the same server, for answers to what came over one that is gone (RFC 3261 §18.2.2). */
  inPlaceOf(gone: CommunityConnection): CommunityConnection | undefined;
}

/** Whoever is at the other end. */
export interface ConnectedHost {
  readonly community: string;
  /** How the pool names the host; of one that came by itself, its address and port. */
  readonly key: string;
  /** What it holds of our transactions, over all connections that we made to it. */
  readonly share: TransactionShare;
}

/** Above this much unsent the server counts as stuck: its connection is closed. */
const PENDING_BYTES_MAX = 16_777_216;
const PONG = Buffer.from('\r\n');

/** One TLS connection with an inner SIP server, whichever side opened it. */
export class CommunityConnection implements Origin, MessageSink {
  readonly side = 'inside' as const;
  readonly flow = '';
  readonly isOrphaned = false;
  readonly share: TransactionShare;
  readonly peer: string;
  readonly remote: string;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly #socket: TLSSocket;
  readonly #traffic: CommunityTraffic;
  readonly #output: OutputBuffer;
  #isOpen = true;

  /** `index` is shared by all connections. */
  constructor(
    socket: TLSSocket,
    { community, key, share }: ConnectedHost,
    traffic: CommunityTraffic,
    index: MessageIndex,
  ) {
    this.#socket = socket;
    this.#traffic = traffic;
    this.peer = community;
    this.remote = key;
    this.share = share;
    this.sourceAddress = socket.remoteAddress ?? '';
    this.sourcePort = socket.remotePort ?? 0;
    this.#output = new OutputBuffer(socket, {
      pool: channelPool,
      schedule: new AdaptiveHold(systemClock),
      highWaterBytes: PENDING_BYTES_MAX,
      drained: () => undefined,
    });
    const reader = new MessageReader(index, this);
    socket.setNoDelay(true);
    socket.once('close', () => this.#closed());
    readInto(socket, (bytes, start, end) => reader.push(bytes, start, end));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** False when the connection is gone or the server takes nothing any more. */
  send(message: Outgoing): boolean {
    if (!this.#isOpen) return false;
    const length = message.byteLength();
    const at = this.#output.reserve(length);
    const end = message.write(this.#output.buffer, at);
    if (this.#output.commit(end - at)) return true;
    this.#cutOff('server-too-slow');
    return false;
  }

  respond(_exchange: number, _isFinal: boolean, response: Outgoing): boolean {
    if (this.#isOpen) return this.send(response);
    return this.#traffic.inPlaceOf(this)?.send(response) ?? false;
  }

  abandon(): void {
    // Nobody counts what an inner server waits for.
  }

  allowReuse(): void {
    // Inner connections are reused either way: both ends are ours.
  }

  /** Takes nothing new; what was written goes out, and answers are read until the server ends it too, at most for a second. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.writeAll();
    endSocket(this.#socket, systemClock);
  }

  message(index: MessageIndex): void {
    if (!index.isRequest) this.#traffic.response(index, this);
    // On one that we have closed there is no way back for its answer.
    else if (this.#isOpen) this.#traffic.request(index, this);
  }

  keepAlivePing(): void {
    if (!this.#isOpen || this.#output.write(PONG, 0, PONG.length)) return;
    this.#cutOff('server-too-slow');
  }

  keepAlivePong(): void {
    // Our probes are OPTIONS: we send no pings here.
  }

  /** Nobody guesses where an inner server's next message starts either. */
  fatal({ fault }: MessageIndex): void {
    this.#cutOff(fault ?? 'sip-start-line-malformed');
  }

  /** Whoever opened the socket, and tells of its end, reads the reason in its error. */
  #cutOff(code: string): void {
    this.#socket.destroy(Object.assign(new Error(code), { code }));
  }

  #closed(): void {
    this.#isOpen = false;
    this.#output.close();
  }
}
