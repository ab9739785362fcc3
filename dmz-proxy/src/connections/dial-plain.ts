import { connect, type Socket } from 'node:net';
import type { SendFailure } from '@sallyport/shared/channel/delivery.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { type DialSource, readyBy } from './dial.ts';
import type { Endpoint } from './doorstep.ts';

/**
 * Opens plain TCP to a partner's server; whether it may be used is for the caller to judge.
 *
 * `signal` ends an attempt whose partner is gone.
 */
export async function dialPlain(
  { address, port, localAddress }: Endpoint & DialSource,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Result<{ readonly socket: Socket }, SendFailure>> {
  const socket = connect({ host: address, port, localAddress, noDelay: true });
  const ready = await readyBy('connect', socket, () => 'connect', timeoutMs, signal);
  return ready.ok ? ok({ socket }) : ready;
}
