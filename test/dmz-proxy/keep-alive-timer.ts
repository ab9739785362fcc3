import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** What Linux has set for a connection over loopback: seconds until its next keep-alive probe; undefined without one. */
export function keepAliveTimer(socket: Socket): number | undefined {
  const hex = (port: number | undefined) => (port ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const ends = `:${hex(socket.localPort)} 0100007F:${hex(socket.remotePort)}`;
  const line = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .find((entry) => entry.includes(ends));
  // tr:tm->when, where 2 is the keep-alive timer, in hundredths of a second.
  const timer = / 01 \S+ 02:([0-9A-F]{8})/.exec(line ?? '');
  return timer === null ? undefined : Number.parseInt(timer[1] ?? '', 16) / 100;
}

const WAIT_MS = 2000;

/** Fails unless the kernel probes the connection within a minute; what is under way on it may hide that for a moment. */
export async function assertKeptAlive(socket: Socket): Promise<void> {
  if (process.platform !== 'linux') return;
  const untilMs = performance.now() + WAIT_MS;
  let seconds = keepAliveTimer(socket);
  while (seconds === undefined && performance.now() < untilMs) {
    await new Promise((resolve) => setImmediate(resolve));
    seconds = keepAliveTimer(socket);
  }
  assert.ok(seconds !== undefined && seconds > 50 && seconds <= 60, `${seconds} s`);
}
