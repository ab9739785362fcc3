import { write } from 'node:fs';

const BEAT_MS = 1000;
const SIGN = Buffer.from('.');

/** Variable by which the launcher tells a worker which descriptor takes its signs of life. */
export const HEARTBEAT_VARIABLE = 'SALLYPORT_HEARTBEAT_FD';

/**
 * Tells the launcher once a second that this worker's turns come round, by one byte into a pipe.
 *
 * A worker that hangs still has its share of the kernel's connections; only whoever waits for its sign can tell.
 * Without the variable nothing is written: the worker was begun by something else.
 */
export function beat(descriptor: string | undefined, everyMs = BEAT_MS): { stop(): void } {
  const fd = Number(descriptor);
  if (descriptor === undefined || !Number.isInteger(fd) || fd <= 2)
    return { stop: () => undefined };
  // A launcher that is gone is noticed on the standard input.
  const sign = () => write(fd, SIGN, () => undefined);
  sign();
  const timer = setInterval(sign, everyMs).unref();
  return { stop: () => clearInterval(timer) };
}
