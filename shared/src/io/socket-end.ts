import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';

const END_TIMEOUT_MS = 1000;

/** Ends a socket; a peer that takes not even our end is cut off. */
export function endSocket(socket: Socket, clock: Clock): void {
  socket.end();
  const timer = clock.after(END_TIMEOUT_MS, () => socket.destroy());
  socket.once('close', () => timer.stop());
}
