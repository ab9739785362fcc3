import { connect, type Socket } from 'node:net';
import type { SendFailure } from '@sallyport/shared/channel/delivery.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { DialSource } from './dial.ts';
import type { Endpoint } from './doorstep.ts';
import { keepAlive } from './keep-alive.ts';

/**
 * Opens plain TCP to a partner's server; whether it may be used is for the caller to judge.
 *
 * `signal` ends an attempt whose partner is gone.
 */
export function dialPlain(
  { address, port, localAddress }: Endpoint & DialSource,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Result<{ readonly socket: Socket }, SendFailure>> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, localAddress, noDelay: true });
    const failed = (reason: SendFailure): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(err(reason));
    };
    const timer = setTimeout(() => failed('timeout'), timeoutMs);
    const onAbort = (): void => failed('no-target');
    const onError = (): void => failed('connect');
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    socket.on('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      keepAlive(socket);
      resolve(ok({ socket }));
    });
  });
}
