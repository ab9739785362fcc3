import { connect, type TLSSocket } from 'node:tls';
import { retryDelayMs } from '../channel/back-off.ts';
import { ChannelConnection, type ChannelOptions } from './channel-connection.ts';
import type { ChannelSink } from './channel-sink.ts';
import {
  type ChannelCredentials,
  type ChannelTlsFault,
  channelClientOptions,
  type ExpectedPeer,
  verifyChannelPeer,
} from './channel-tls.ts';
import type { Timer } from './clock.ts';

export interface ChannelDialerOptions extends Omit<ChannelOptions, 'certified'> {
  readonly host: string;
  readonly port: number;
  /** Asked before each dial, so that a renewed certificate is used from then on. */
  readonly credentials: () => ChannelCredentials;
  readonly expected: ExpectedPeer;
  /** Uniform in [0, 1), for the jitter. */
  readonly random: () => number;
  /** A dial that did not become a channel: for the operator's log. */
  readonly failed: (reason: string, attempt: number) => void;
}

const CONNECT_TIMEOUT_MS = 5000;
/** A channel that lived this long counts as a success: the next dial is quick again. */
const STEADY_AFTER_MS = 10_000;

/**
 * Keeps one channel to one peer: dials, and dials again whenever it is lost.
 *
 * Never more than one dial or channel at a time, and never without a wait in between, so that a site
 * whose ends all come back at once is not flooded.
 */
export class ChannelDialer {
  readonly #options: ChannelDialerOptions;
  readonly #open: (connection: ChannelConnection) => ChannelSink;
  #attempt = 0;
  #socket: TLSSocket | undefined;
  #connection: ChannelConnection | undefined;
  #timer: Timer | undefined;
  #stopped = true;

  constructor(options: ChannelDialerOptions, open: (connection: ChannelConnection) => ChannelSink) {
    this.#options = options;
    this.#open = open;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#dial();
  }

  /** Ends the channel, if there is one, and dials no more. */
  stop(reason: string): void {
    this.#stopped = true;
    this.#timer?.stop();
    if (this.#connection === undefined) this.#socket?.destroy();
    else this.#connection.close(reason);
  }

  #dial(): void {
    this.#attempt++;
    const { host, port, clock } = this.#options;
    const trusted = this.#options.credentials();
    let socket: TLSSocket;
    try {
      socket = connect({ ...channelClientOptions(trusted), host, port });
    } catch {
      this.#options.failed('credentials-unusable', this.#attempt);
      this.#retry();
      return;
    }
    this.#socket = socket;
    const dialledAtMs = clock.monotonicMs();
    let fault = 'connect-failed';
    const timeout = clock.after(CONNECT_TIMEOUT_MS, () => {
      fault = 'connect-timeout';
      socket.destroy();
    });
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      fault = cause.code ?? fault;
    });
    socket.once('secureConnect', () => {
      timeout.stop();
      fault = this.#welcome(socket, trusted) ?? fault;
    });
    socket.once('close', () => {
      timeout.stop();
      if (this.#connection !== undefined) {
        if (clock.monotonicMs() - dialledAtMs >= STEADY_AFTER_MS) this.#attempt = 0;
      } else if (!this.#stopped) {
        this.#options.failed(fault, this.#attempt);
      }
      this.#connection = undefined;
      this.#socket = undefined;
      this.#retry();
    });
  }

  /** Makes a channel of a finished handshake, or ends it and says why. */
  #welcome(socket: TLSSocket, trusted: ChannelCredentials): ChannelTlsFault | undefined {
    const { expected, clock } = this.#options;
    const peer = verifyChannelPeer(socket, trusted, expected, 'server', clock.wallMs());
    if (!peer.ok) {
      socket.destroy();
      return peer.error;
    }
    const options = { ...this.#options, certified: peer.value };
    this.#connection = new ChannelConnection(socket, options, this.#open);
    return undefined;
  }

  #retry(): void {
    if (this.#stopped) return;
    const delayMs = retryDelayMs(this.#attempt + 1, this.#options.random());
    this.#timer = this.#options.clock.after(delayMs, () => this.#dial());
  }
}
