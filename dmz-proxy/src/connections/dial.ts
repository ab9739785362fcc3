import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { SendFailure } from '@sallyport/shared/channel/delivery.ts';
import type { Target } from '@sallyport/shared/net/target.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { OwnIdentity } from '../identity/own-identities.ts';
import { stapledTo } from '../identity/revocation/staple.ts';
import { keepAlive } from './keep-alive.ts';

/** From which of our addresses a connection begins. */
export interface DialSource {
  /** Absent: the system chooses. */
  readonly localAddress?: string | undefined;
}

/** A connection to somebody who is yet to be judged. */
export interface Dialled {
  readonly socket: TLSSocket;
  /** What the server stapled to its certificate. */
  readonly ocspResponse: Buffer | undefined;
}

/**
 * Opens TLS to a partner's server, showing our own identity; whom we reached, and what it staples, is for the caller to
 * judge.
 *
 * `signal` ends an attempt whose partner is gone.
 */
export async function dial(
  target: Target & DialSource,
  identity: OwnIdentity,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Result<Dialled, SendFailure>> {
  const socket = connect({
    host: target.address,
    port: target.port,
    ...(target.localAddress === undefined ? {} : { localAddress: target.localAddress }),
    // SNI is for names alone (RFC 6066 §3).
    ...(isIP(target.serverName) === 0 ? { servername: target.serverName } : {}),
    secureContext: identity.context,
    // Our own path validation decides; OpenSSL knows no anchors here.
    rejectUnauthorized: false,
    requestOCSP: true,
  });
  const ocspResponse = stapledTo(socket);
  let failure: SendFailure = 'connect';
  socket.setNoDelay(true);
  socket.once('connect', () => {
    failure = 'tls';
  });
  const ready = await readyBy('secureConnect', socket, () => failure, timeoutMs, signal);
  return ready.ok ? ok({ socket, ocspResponse: ocspResponse() }) : ready;
}

/**
 * Waits for the event by which a socket that is being opened is ready, `timeoutMs` at most and as long as `signal` lets it.
 *
 * What comes before it, its end or an error, is called what `failureNow` says; then the socket is destroyed.
 */
export function readyBy(
  event: 'connect' | 'secureConnect',
  socket: Socket,
  failureNow: () => SendFailure,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Result<undefined, SendFailure>> {
  return new Promise((resolve) => {
    const settled = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const failed = (reason: SendFailure): void => {
      settled();
      socket.destroy();
      resolve(err(reason));
    };
    const timer = setTimeout(() => failed('timeout'), timeoutMs);
    const onAbort = (): void => failed('no-target');
    const onError = (): void => failed(failureNow());
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    socket.on('error', onError);
    socket.once('close', onError);
    socket.once(event, () => {
      settled();
      socket.off('close', onError);
      keepAlive(socket);
      resolve(ok(undefined));
    });
  });
}
