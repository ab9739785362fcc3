import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';

const END_TIMEOUT_MS = 1000;
const WRITTEN_TIMEOUT_MS = 2000;

/** Ends a socket; a peer that takes not even our end is cut off. */
export function endSocket(socket: Socket, clock: Clock): void {
  socket.end();
  const timer = clock.after(END_TIMEOUT_MS, () => socket.destroy());
  socket.once('close', () => timer.stop());
}

/**
 * Ends a socket once all is written that waits; a peer that has not taken it by then is cut off.
 *
 * Not by the socket's own timeout: whoever goes on sending, or takes a byte now and then, would never meet that.
 */
export function endWhenWritten(socket: Socket, clock: Clock): void {
  const timer = clock.after(WRITTEN_TIMEOUT_MS, () => socket.destroy());
  socket.once('close', () => timer.stop());
  socket.destroySoon();
}
