import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server, type TLSSocket } from 'node:tls';
import { normalizeAddress } from '@sallyport/shared/net/address.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { SourceLease, SourceLimits } from '@sallyport/shared/net/source-limits.ts';
import { awaitProxyHeader } from './await-proxy-header.ts';
import {
  identityShown,
  newTicketKeys,
  type OwnIdentities,
  unnamedOptions,
} from './own-identities.ts';
import type { ListenAddress } from './proxy-config.ts';

/** One end of a connection. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Where a connection really comes from. */
export interface Source extends Endpoint {
  /** `host:port` by which partners know the listener it came to, where that is a name of its own. */
  readonly advertised?: string;
  /** Who passed it on, and said so. */
  readonly balancer?: Endpoint;
}

export interface ListenerOptions {
  readonly listen: ListenAddress;
  readonly identities: OwnIdentities;
  readonly handshakeTimeoutMs: number;
  /** Shared by all listeners of the worker. */
  readonly sources: SourceLimits;
  readonly nowMs: () => number;
  /** Separates our sessions from those of other sites (RFC 8446 leaves it to us). */
  readonly sessionIdContext: string;
}

/** What a listener tells its owner. */
export interface ListenerEvents {
  /** The handshake is over; nothing is known of the peer yet, and nothing has been read. */
  handshaken(socket: TLSSocket, source: Source): void;
  /** Turned away before that; the code is counted and logged. The address alone where no more is known. */
  refused(code: string, address: string, source?: Source): void;
}

interface Arrival {
  readonly raw: Socket;
  readonly source: Source;
}

/** Handshakes at once: each holds some 60 KiB and costs most of a millisecond. */
const HANDSHAKES_MAX = 1024;
const BACKLOG = 4096;

/**
 * One address where partners connect: limits by source, the PROXY header of balancers, then TLS.
 *
 * The socket that accepts is a plain one, so that a connection over its limits costs no TLS state.
 * Handing an accepted socket to the TLS server is what that server does with its own.
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #events: ListenerEvents;
  readonly #balancers: NetworkSet;
  readonly #accepting: NetServer;
  readonly #tls: Server;
  readonly #arrivals = new Map<string, Arrival>();
  #identities: OwnIdentities;

  constructor(options: ListenerOptions, events: ListenerEvents) {
    this.#options = options;
    this.#events = events;
    this.#identities = options.identities;
    const balancers = NetworkSet.parse(options.listen.proxyProtocolFrom);
    this.#balancers = balancers.ok ? balancers.value : new NetworkSet([]);
    this.#tls = createTlsServer({
      ...unnamedOptions(options.identities),
      requestCert: true,
      // Identity is judged by our own path validation; Node's verdict is never looked at.
      rejectUnauthorized: false,
      handshakeTimeout: options.handshakeTimeoutMs,
      ticketKeys: newTicketKeys(),
      sessionIdContext: options.sessionIdContext,
      SNICallback: (serverName, done) => {
        const identity = identityShown(this.#identities, serverName);
        if (identity === undefined) done(new Error('server name unknown'));
        else done(null, identity.context);
      },
    });
    this.#tls.on('secureConnection', (socket) => this.#secured(socket));
    this.#tls.on('tlsClientError', (cause: NodeJS.ErrnoException, socket) => {
      const source = this.#arrivals.get(keyOf(socket))?.source;
      const address = source?.address ?? socket.remoteAddress ?? '';
      this.#turnAway(socket, `handshake:${cause.code ?? 'failed'}`, address, source);
    });
    this.#accepting = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    });
    this.#accepting.on('connection', (raw) => this.#accept(raw));
  }

  /** Resolves with the port, once it is open. */
  open(): Promise<number> {
    const { host, port } = this.#options.listen;
    return new Promise((resolve, reject) => {
      this.#accepting.once('error', reject);
      // Every worker listens on the same address; the kernel spreads connections over them.
      this.#accepting.listen({ host, port, reusePort: true, backlog: BACKLOG }, () => {
        this.#accepting.off('error', reject);
        resolve((this.#accepting.address() as AddressInfo).port);
      });
    });
  }

  /** New handshakes use these from now on, and no session from before is resumed. */
  renew(identities: OwnIdentities): void {
    this.#identities = identities;
    this.#tls.setSecureContext(unnamedOptions(identities));
    this.forgetSessions();
  }

  /** Makes every client show its whole chain again. */
  forgetSessions(): void {
    this.#tls.setTicketKeys(newTicketKeys());
  }

  /** Accepts no more; connections that are open stay. */
  close(): void {
    this.#accepting.close();
    for (const { raw } of this.#arrivals.values()) raw.destroy();
  }

  #accept(raw: Socket): void {
    raw.on('error', () => undefined);
    const address = normalizeAddress(raw.remoteAddress ?? '');
    const port = raw.remotePort;
    if (address === undefined || port === undefined) {
      raw.destroy();
    } else if (this.#balancers.contains(address)) {
      awaitProxyHeader(raw, this.#options.handshakeTimeoutMs, (header) => {
        const balancer = { address, port };
        if (!header.ok) this.#turnAway(raw, header.error, address, balancer);
        else if (header.value === 'local') this.#admit(raw, balancer);
        else this.#admit(raw, { ...header.value, balancer });
      });
    } else {
      this.#admit(raw, { address, port });
    }
  }

  #admit(raw: Socket, source: Source): void {
    if (this.#arrivals.size >= HANDSHAKES_MAX) {
      return this.#turnAway(raw, 'handshakes-max', source.address, source);
    }
    const lease = this.#options.sources.admit(source.address, this.#options.nowMs());
    if (!lease.ok) return this.#turnAway(raw, lease.error, source.address, source);
    const key = keyOf(raw);
    this.#arrivals.set(key, { raw, source });
    raw.once('close', () => this.#gone(key, raw, lease.value));
    this.#tls.emit('connection', raw);
  }

  #secured(socket: TLSSocket): void {
    const key = keyOf(socket);
    const arrival = this.#arrivals.get(key);
    this.#arrivals.delete(key);
    if (arrival === undefined) {
      socket.destroy();
    } else if (identityShown(this.#identities, servedName(socket)) === undefined) {
      // A resumed TLS 1.3 session does not ask SNICallback.
      const { source } = arrival;
      this.#turnAway(socket, 'server-name-unknown', source.address, source);
    } else {
      this.#events.handshaken(socket, arrival.source);
    }
  }

  #gone(key: string, raw: Socket, lease: SourceLease): void {
    this.#options.sources.release(lease);
    if (this.#arrivals.get(key)?.raw === raw) this.#arrivals.delete(key);
  }

  #turnAway(socket: Socket, code: string, address: string, source?: Source): void {
    socket.on('error', () => undefined);
    socket.destroy();
    this.#events.refused(code, address, source);
  }
}

/** Server name of the client hello, if it had one. */
export function servedName(socket: TLSSocket): string | undefined {
  const name: unknown = Reflect.get(socket, 'servername');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** A TLS socket and the socket it was made of have the same peer, and no two of a listener the same. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
