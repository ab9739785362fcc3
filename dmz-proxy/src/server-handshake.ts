import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';

export interface ServerHandshakeOptions {
  /** What a caller is shown before it has named a server. */
  readonly secureContext: SecureContext;
  readonly SNICallback: NonNullable<TLSSocketOptions['SNICallback']>;
  /** For all of it, however little by little it comes. */
  readonly timeoutMs: number;
}

/** Why a handshake failed: Node's or OpenSSL's code says it. */
export type HandshakeFailure = Pick<NodeJS.ErrnoException, 'code'>;

const TIMEOUT = { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' } as const;
const HUNG_UP = { code: 'ECONNRESET' } as const;

/**
 * The server's side of one TLS handshake; afterwards either is called, once.
 *
 * Node's own TLS server does the same, and besides makes an error, with its stack, of what OpenSSL thinks of each
 * client's certificate. Here the peer is asked for one and never refused for it, and that verdict is not even read:
 * identity is judged by our own path validation.
 */
export function serverHandshake(
  raw: Socket,
  { secureContext, SNICallback, timeoutMs }: ServerHandshakeOptions,
  done: (socket: TLSSocket) => void,
  failed: (cause: HandshakeFailure, socket: TLSSocket) => void,
): void {
  const socket = new TLSSocket(raw, {
    isServer: true,
    requestCert: true,
    rejectUnauthorized: false,
    secureContext,
    SNICallback,
  });
  let isOver = false;
  const end = (): boolean => {
    if (isOver) return false;
    isOver = true;
    clearTimeout(timer);
    return true;
  };
  const fail = (cause: HandshakeFailure): void => {
    if (end()) failed(cause, socket);
  };
  const timer = setTimeout(() => fail(TIMEOUT), timeoutMs);
  raw.on('error', fail);
  socket.on('error', fail);
  socket.once('close', () => fail(HUNG_UP));
  socket.once('secure', () => {
    if (!end()) return;
    releaseControl(socket);
    done(socket);
  });
}

/** From now on faults of TLS are errors of the socket, and no longer of its handshake. Node has no documented word for it. */
function releaseControl(socket: TLSSocket): void {
  const release: unknown = Reflect.get(socket, '_releaseControl');
  if (typeof release !== 'function') throw new Error('TLSSocket has no _releaseControl any more');
  Reflect.apply(release, socket, []);
}
