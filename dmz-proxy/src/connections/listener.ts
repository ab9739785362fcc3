import type { Socket } from 'node:net';
import { createServer as createTlsServer, type Server, type TLSSocket } from 'node:tls';
import { rawSocketOf } from '@sallyport/shared/io/raw-socket.ts';
import { FairShares } from '@sallyport/shared/net/fair-shares.ts';
import { ownerKey } from '@sallyport/shared/net/owner-key.ts';
import type { SourceLimits } from '@sallyport/shared/net/source-limits.ts';
import type { ListenAddress } from '../bundle/proxy-config.ts';
import {
  identityShown,
  newTicketKeys,
  type OwnIdentities,
  unnamedOptions,
} from '../identity/own-identities.ts';
import { Doorstep, type Source } from './doorstep.ts';

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
  /** Somebody looked whether the port is open. */
  checked(): void;
}

/** The caller asked for a name that is not ours, so that there is no certificate to show. */
const NAME_UNKNOWN = new Error('server name unknown');

/**
 * Handshakes at once: each holds some 60 KiB and costs most of a millisecond. No network has all of them: to begin so many and end
 * none costs nothing, and where addresses are as many as in IPv6, limits of each are none of their owner.
 */
const HANDSHAKES_MAX = 1024;

/**
 * One address where partners connect by TLS.
 *
 * The socket that accepts is a plain one, so that a connection over its limits costs no TLS state.
 * Handing an accepted socket to the TLS server is what that server does with its own.
 */
export class Listener {
  readonly #events: ListenerEvents;
  readonly #doorstep: Doorstep;
  readonly #tls: Server;
  /** Sockets whose handshake is under way, and whose share of handshakes they are. */
  readonly #arrivals = new Map<Socket, string>();
  readonly #shares = new FairShares(HANDSHAKES_MAX);
  /** Where they come from, as long as anybody may ask: a socket that was reset has no address any more. */
  readonly #sources = new WeakMap<Socket, Source>();
  #identities: OwnIdentities;

  constructor(options: ListenerOptions, events: ListenerEvents) {
    this.#events = events;
    this.#identities = options.identities;
    const { listen, handshakeTimeoutMs, sources, nowMs } = options;
    this.#doorstep = new Doorstep(
      {
        listen,
        timeoutMs: handshakeTimeoutMs,
        sources,
        nowMs,
        handlingOf: () => 'await-bytes',
      },
      {
        arrived: (raw, source) => this.#arrived(raw, source),
        refused: (code, address, source) => events.refused(code, address, source),
        checked: () => events.checked(),
      },
    );
    this.#tls = createTlsServer({
      ...unnamedOptions(options.identities),
      requestCert: true,
      // Identity is judged by our own path validation; Node's verdict is never looked at.
      rejectUnauthorized: false,
      handshakeTimeout: handshakeTimeoutMs,
      ticketKeys: newTicketKeys(),
      sessionIdContext: options.sessionIdContext,
      SNICallback: (serverName, done) => {
        const identity = identityShown(this.#identities, serverName);
        if (identity === undefined) done(NAME_UNKNOWN);
        else done(null, identity.context);
      },
    });
    this.#tls.on('secureConnection', (socket) => this.#secured(socket));
    this.#tls.on('tlsClientError', (cause: NodeJS.ErrnoException, socket) => {
      const source = this.#sources.get(rawSocketOf(socket));
      const address = source?.address ?? socket.remoteAddress ?? '';
      const code = cause === NAME_UNKNOWN ? 'server-name-unknown' : handshakeCode(cause);
      this.#turnAway(socket, code, address, source);
    });
  }

  /** Resolves with the port once it is open, or with undefined when it was closed meanwhile. */
  open(): Promise<number | undefined> {
    return this.#doorstep.open();
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

  /** Accepts no more, and ends handshakes that are under way; connections that are open stay. */
  close(): void {
    this.#doorstep.close();
    for (const raw of this.#arrivals.keys()) raw.destroy();
  }

  #arrived(raw: Socket, source: Source): void {
    const owner = ownerKey(source.address);
    if (!this.#shares.take(owner, 1)) {
      return this.#turnAway(raw, 'handshakes-max', source.address, source);
    }
    this.#arrivals.set(raw, owner);
    this.#sources.set(raw, source);
    raw.once('close', () => this.#isOver(raw));
    this.#tls.emit('connection', raw);
  }

  /** Its handshake is under way no more; false where it was not. */
  #isOver(raw: Socket): boolean {
    const owner = this.#arrivals.get(raw);
    if (owner === undefined) return false;
    this.#arrivals.delete(raw);
    this.#shares.giveBack(owner, 1);
    return true;
  }

  #secured(socket: TLSSocket): void {
    const raw = rawSocketOf(socket);
    const source = this.#sources.get(raw);
    if (!this.#isOver(raw) || source === undefined) {
      socket.destroy();
    } else if (identityShown(this.#identities, servedName(socket)) === undefined) {
      // A resumed TLS 1.3 session does not ask SNICallback.
      this.#turnAway(socket, 'server-name-unknown', source.address, source);
    } else {
      this.#events.handshaken(socket, source);
    }
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

function handshakeCode({ code }: NodeJS.ErrnoException): string {
  return `handshake:${code ?? 'failed'}`;
}
