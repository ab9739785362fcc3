import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from './addresses.ts';

const PAUSE_MS = 25;
const LISTENING = '0A';

/** Asks again and again until the answer is there; throws, naming what was waited for, when time is up. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(PAUSE_MS);
  }
}

/** Whether somebody accepts connections there. */
export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Whether a TCP socket is being listened on, without connecting: some peers serve one connection only. */
export function isListening({ host, port }: Endpoint): boolean {
  const socket = `${hexAddress(host)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .some((row) => {
      const [, local, , state] = row.trim().split(/\s+/);
      return state === LISTENING && local === socket;
    });
}

/** As the kernel writes it: bytes of the address in the order of a little-endian machine. */
function hexAddress(host: string): string {
  const bytes = host
    .split('.')
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return bytes.toReversed().join('');
}
