import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Target } from '@sallyport/shared/net/target.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { Dialled, DialSource } from '../connections/dial.ts';
import type { OwnIdentity } from '../identity/own-identities.ts';
import { stapledTo } from '../identity/revocation/staple.ts';
import { type Ending, endingOf } from './tls-ending.ts';

/** How long to wait for one thing, and what ends all waiting. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Opens TCP alone: it is a step of its own. */
export function openTcp(
  { address, port, localAddress }: Target & DialSource,
  patience: Patience,
): Promise<Result<Socket, Ending>> {
  const socket = tcpConnect({
    host: address,
    port,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  socket.setNoDelay(true);
  return opened(socket, 'connect', patience);
}

/** Opens TLS on it as `dial` does for messages, showing our own identity; whom we reached is not judged here. */
export async function openTls(
  socket: Socket,
  target: Target,
  identity: OwnIdentity,
  patience: Patience,
): Promise<Result<Dialled, Ending>> {
  const secured = tlsConnect({
    socket,
    ...(isIP(target.serverName) === 0 ? { servername: target.serverName } : {}),
    secureContext: identity.context,
    rejectUnauthorized: false,
    requestOCSP: true,
  });
  const ocspResponse = stapledTo(secured);
  const tls = await opened(secured, 'secureConnect', patience);
  return tls.ok ? ok({ socket: tls.value, ocspResponse: ocspResponse() }) : tls;
}

/**
 * How the connection ends, within the time given; undefined: it lives.
 *
 * In TLS 1.3 a server judges our certificate after the handshake is over for us (RFC 8446 §4.4.2).
 */
export function awaitEnding(socket: TLSSocket, patience: Patience): Promise<Ending | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), patience.timeoutMs);
    const end = (ending: Ending): void => {
      clearTimeout(timer);
      resolve(ending);
    };
    onEnding(socket, patience.signal, end);
    socket.resume();
  });
}

/** Tells of the first end; an alert comes before the close that follows it. */
export function onEnding(
  socket: Socket,
  signal: AbortSignal,
  ended: (ending: Ending) => void,
): void {
  socket.on('error', (cause: Error) => ended(endingOf(cause)));
  socket.once('close', () => ended({ kind: 'closed' }));
  signal.addEventListener('abort', () => ended({ kind: 'aborted' }), { once: true });
  if (signal.aborted) ended({ kind: 'aborted' });
  else if (socket.destroyed) ended({ kind: 'closed' });
}

function opened<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  { timeoutMs, signal }: Patience,
): Promise<Result<S, Ending>> {
  return new Promise((resolve) => {
    const failed = (ending: Ending): void => {
      clearTimeout(timer);
      socket.off(event, onOpen);
      socket.destroy();
      resolve(err(ending));
    };
    const onOpen = (): void => {
      clearTimeout(timer);
      resolve(ok(socket));
    };
    const timer = setTimeout(() => failed({ kind: 'timeout' }), timeoutMs);
    socket.once(event, onOpen);
    onEnding(socket, signal, failed);
  });
}
