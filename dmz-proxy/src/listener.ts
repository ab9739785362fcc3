import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { SourceLimits } from '@sallyport/shared/net/source-limits.ts';
import { Doorstep, type Source } from './doorstep.ts';
import {
  identityShown,
  newTicketKeys,
  type OwnIdentities,
  unnamedOptions,
} from './own-identities.ts';
import type { ListenAddress } from './proxy-config.ts';
import {
  type HandshakeFailure,
  type ServerHandshakeOptions,
  serverHandshake,
} from './server-handshake.ts';

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
const NAME_UNKNOWN = Object.assign(new Error('server name unknown'), {
  code: 'server-name-unknown',
});

/** Handshakes at once: each holds some 60 KiB and costs most of a millisecond. */
const HANDSHAKES_MAX = 1024;

/**
 * One address where partners connect by TLS.
 *
 * The socket that accepts is a plain one, so that a connection over its limits costs no TLS state.
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #events: ListenerEvents;
  readonly #doorstep: Doorstep;
  /** Sockets whose handshake is under way. */
  readonly #arrivals = new Set<Socket>();
  #identities: OwnIdentities;
  #context: SecureContext;

  constructor(options: ListenerOptions, events: ListenerEvents) {
    this.#options = options;
    this.#events = events;
    this.#identities = options.identities;
    this.#context = this.#newContext();
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
  }

  /** Resolves with the port once it is open, or with undefined when it was closed meanwhile. */
  open(): Promise<number | undefined> {
    return this.#doorstep.open();
  }

  /** New handshakes use these from now on, and no session from before is resumed. */
  renew(identities: OwnIdentities): void {
    this.#identities = identities;
    this.#context = this.#newContext();
  }

  /** Makes every client show its whole chain again. */
  forgetSessions(): void {
    this.#context = this.#newContext();
  }

  /** Accepts no more, and ends handshakes that are under way; connections that are open stay. */
  close(): void {
    this.#doorstep.close();
    for (const raw of this.#arrivals) raw.destroy();
  }

  #arrived(raw: Socket, source: Source): void {
    if (this.#arrivals.size >= HANDSHAKES_MAX) {
      return this.#turnAway(raw, 'handshakes-max', source.address, source);
    }
    this.#arrivals.add(raw);
    raw.once('close', () => this.#arrivals.delete(raw));
    serverHandshake(
      raw,
      {
        secureContext: this.#context,
        SNICallback: this.#nameServed,
        timeoutMs: this.#options.handshakeTimeoutMs,
      },
      (socket) => this.#secured(socket, raw, source),
      (cause, socket) => this.#turnAway(socket, handshakeCode(cause), source.address, source),
    );
  }

  #secured(socket: TLSSocket, raw: Socket, source: Source): void {
    if (!this.#arrivals.delete(raw)) {
      socket.destroy();
    } else if (identityShown(this.#identities, servedName(socket)) === undefined) {
      // A resumed TLS 1.3 session does not ask for the context of a name.
      this.#turnAway(socket, NAME_UNKNOWN.code, source.address, source);
    } else {
      this.#events.handshaken(socket, source);
    }
  }

  readonly #nameServed: ServerHandshakeOptions['SNICallback'] = (serverName, done) => {
    const identity = identityShown(this.#identities, serverName);
    if (identity === undefined) done(NAME_UNKNOWN);
    else done(null, identity.context);
  };

  /** With new ticket keys: no session from before is resumed under it. */
  #newContext(): SecureContext {
    return createSecureContext({
      ...unnamedOptions(this.#identities),
      ticketKeys: newTicketKeys(),
      sessionIdContext: this.#options.sessionIdContext,
    });
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

function handshakeCode(cause: HandshakeFailure): string {
  return cause === NAME_UNKNOWN ? NAME_UNKNOWN.code : `handshake:${cause.code ?? 'failed'}`;
}
