import type { Socket } from 'node:net';

const IDLE_MS = 60_000;

/**
 * TCP keep-alive of every connection with a partner: the kernel sends a probe after a minute without traffic.
 *
 * So no firewall or balancer on the way sees a connection idle for longer, whatever it thinks of SIP's own keep-alive.
 */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelay: IDLE_MS } as const;

/** The same for a connection that we open. */
export function keepAlive(socket: Socket): void {
  socket.setKeepAlive(true, IDLE_MS);
}
