import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Hello } from '../channel/hello.ts';
import { BoundedMap } from '../net/bounded-map.ts';
import { TokenBucket } from '../net/token-bucket.ts';
import { ChannelConnection, type ChannelOptions } from './channel-connection.ts';
import type { ChannelSink } from './channel-sink.ts';
import {
  type ChannelCredentials,
  channelServerOptions,
  type ExpectedPeer,
  verifyChannelPeer,
} from './channel-tls.ts';
import { rawSocketOf } from './raw-socket.ts';

export interface ChannelListenerOptions extends Omit<ChannelOptions, 'certified' | 'admit'> {
  readonly host: string;
  readonly port: number;
  readonly credentials: ChannelCredentials;
  readonly expected: ExpectedPeer;
  /** Connections at once, whether verified or not. */
  readonly connectionsMax: number;
  /** The same of one address; without it, any may have all. */
  readonly connectionsPerSourceMax?: number;
  /** New ones from one address, each of which costs a handshake, and as many at once; without it, as many as there are. */
  readonly connectionsPerSourcePerSecond?: number;
  /** A connection that did not become a channel: for the operator's log. */
  readonly refused: (reason: string, remoteAddress: string) => void;
}

const SOURCES_MAX = 1024;
const HANDSHAKE_TIMEOUT_MS = 5000;
/** Handshakes and ends that have not come to theirs by then are cut off. */
const CLOSE_TIMEOUT_MS = 1500;

/**
 * Accepts channels on one port, at most one from each process of each node.
 *
 * A second one from the same process takes the place of the first: that peer has seen its end and
 * dialled again before this side noticed.
 */
export class ChannelListener {
  readonly #options: ChannelListenerOptions;
  readonly #open: (connection: ChannelConnection) => ChannelSink;
  readonly #server: Server;
  readonly #connections = new Map<string, ChannelConnection>();
  /** Every TCP connection, those still shaking hands included. */
  readonly #sockets = new Set<Socket>();
  readonly #rates = new BoundedMap<string, TokenBucket>(SOURCES_MAX);
  #credentials: ChannelCredentials;

  constructor(
    options: ChannelListenerOptions,
    open: (connection: ChannelConnection) => ChannelSink,
  ) {
    this.#options = options;
    this.#open = open;
    this.#credentials = options.credentials;
    this.#server = createServer({
      ...channelServerOptions(options.credentials),
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    this.#server.maxConnections = options.connectionsMax;
    this.#server.on('connection', (socket: Socket) => {
      const { remoteAddress = '' } = socket;
      const isFull = this.#isFull(remoteAddress);
      if (isFull || this.#isTooFast(remoteAddress)) {
        const many = isFull ? 'too-many-connections' : 'too-many-connections-a-second';
        options.refused(`${many}-of-source`, remoteAddress);
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('drop', (dropped) => {
      options.refused('too-many-connections', dropped?.remoteAddress ?? '');
    });
    this.#server.on('secureConnection', (socket) => this.#accept(socket));
    this.#server.on('tlsClientError', (cause: NodeJS.ErrnoException, socket) => {
      const { remoteAddress = '' } = rawSocketOf(socket);
      options.refused(cause.code ?? 'handshake-failed', remoteAddress);
    });
  }

  /** Resolves with the port, once it is open. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** New handshakes use this from now on; open channels stay. Throws on a key that does not fit. */
  renew(credentials: ChannelCredentials): void {
    this.#server.setSecureContext(channelServerOptions(credentials));
    this.#credentials = credentials;
  }

  /** Closes the port; open channels stay. */
  stopListening(): void {
    this.#server.close();
  }

  /** Closes the port and every channel. Resolves when the last socket is gone. */
  close(reason: string): Promise<void> {
    for (const connection of this.#connections.values()) connection.close(reason);
    const timer = this.#options.clock.after(CLOSE_TIMEOUT_MS, () => {
      for (const socket of this.#sockets) socket.destroy();
    });
    return new Promise((resolve) => {
      this.#server.close(() => {
        timer.stop();
        resolve();
      });
    });
  }

  #isTooFast(address: string): boolean {
    const { connectionsPerSourcePerSecond: rate, clock } = this.#options;
    if (rate === undefined) return false;
    const nowMs = clock.monotonicMs();
    return !this.#rates.of(address, () => new TokenBucket(rate, rate, nowMs)).take(nowMs);
  }

  #isFull(address: string): boolean {
    const max = this.#options.connectionsPerSourceMax ?? Number.POSITIVE_INFINITY;
    let count = 0;
    for (const socket of this.#sockets) if (socket.remoteAddress === address) count += 1;
    return count >= max;
  }

  #accept(socket: TLSSocket): void {
    const { expected, clock, refused } = this.#options;
    const peer = verifyChannelPeer(socket, this.#credentials, expected, 'client', clock.wallMs());
    if (!peer.ok) {
      refused(peer.error, socket.remoteAddress ?? '');
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    let key: string | undefined;
    const admit = (hello: Hello, connection: ChannelConnection): undefined => {
      key = `${hello.node}/${hello.worker}`;
      this.#connections.get(key)?.close('replaced');
      this.#connections.set(key, connection);
    };
    const options = { ...this.#options, certified: peer.value, admit };
    const connection = new ChannelConnection(socket, options, this.#open);
    socket.once('close', () => {
      if (key !== undefined && this.#connections.get(key) === connection) {
        this.#connections.delete(key);
      }
    });
  }
}
