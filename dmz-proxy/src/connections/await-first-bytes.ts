import type { Socket } from 'node:net';

/** How a wait for the first bytes of a connection ends. */
export type FirstBytes = 'bytes' | 'closed' | 'timeout';

/**
 * Waits until a peer sends anything; what it sent is put back into the socket, which is left paused.
 *
 * `closed`: it went away without a byte. Called once.
 */
export function awaitFirstBytes(
  raw: Socket,
  timeoutMs: number,
  done: (end: FirstBytes) => void,
): void {
  const finish = (end: FirstBytes): void => {
    clearTimeout(timer);
    raw.off('data', take);
    raw.off('close', closed);
    raw.pause();
    done(end);
  };
  const take = (chunk: Buffer): void => {
    raw.pause();
    raw.unshift(chunk);
    finish('bytes');
  };
  const closed = (): void => finish('closed');
  const timer = setTimeout(() => finish('timeout'), timeoutMs);
  raw.on('data', take);
  raw.once('close', closed);
  // It may have been paused before, when a PROXY header was taken off.
  raw.resume();
}
