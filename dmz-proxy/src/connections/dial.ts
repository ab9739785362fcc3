import { isIP } from 'node:net';
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
export function dial(
  target: Target & DialSource,
  identity: OwnIdentity,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Result<Dialled, SendFailure>> {
  return new Promise((resolve) => {
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
    let isConnected = false;
    const failed = (reason: SendFailure): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(err(reason));
    };
    const timer = setTimeout(() => failed('timeout'), timeoutMs);
    const onAbort = (): void => failed('no-target');
    const onError = (): void => failed(isConnected ? 'tls' : 'connect');
    socket.setNoDelay(true);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    socket.once('connect', () => {
      isConnected = true;
    });
    socket.on('error', onError);
    socket.once('close', onError);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('close', onError);
      keepAlive(socket);
      resolve(ok({ socket, ocspResponse: ocspResponse() }));
    });
  });
}
