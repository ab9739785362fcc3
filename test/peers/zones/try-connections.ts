import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect, isIPv6 } from 'node:net';

/**
 * A program for a namespace: tries to reach each socket of a list (JSON on standard input, addresses and ports)
 * and writes what became of each, in the same order.
 */
export interface Attempt {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

/** `silent`: nothing came back in time, as when a firewall drops it. */
export type Reached = 'answered' | 'refused' | 'silent' | 'unreachable';

const PATIENCE_MS = 700;
const AT_ONCE = 128;

async function reach({ protocol, address, port }: Attempt): Promise<Reached> {
  return protocol === 'tcp' ? overTcp(address, port) : overUdp(address, port);
}

function overTcp(host: string, port: number): Promise<Reached> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (reached: Reached) => {
      socket.destroy();
      resolve(reached);
    };
    socket.setTimeout(PATIENCE_MS, () => done('silent'));
    socket.once('connect', () => done('answered'));
    socket.once('error', (fault) => done(meaningOf(fault)));
  });
}

function overUdp(address: string, port: number): Promise<Reached> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const timer = setTimeout(() => done('silent'), PATIENCE_MS);
    const done = (reached: Reached) => {
      clearTimeout(timer);
      socket.close();
      resolve(reached);
    };
    socket.once('message', () => done('answered'));
    socket.once('error', (fault) => done(meaningOf(fault)));
    socket.connect(port, address, () => socket.send('?'));
  });
}

function meaningOf(fault: Error): Reached {
  const code = 'code' in fault ? fault.code : '';
  if (code === 'ECONNREFUSED') return 'refused';
  return code === 'ETIMEDOUT' ? 'silent' : 'unreachable';
}

const attempts: readonly Attempt[] = JSON.parse(readFileSync(0, 'utf8'));
const reached: Reached[] = [];
const waiting = [...attempts.entries()];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, attempt] = next;
      reached[at] = await reach(attempt);
    }
  }),
);
process.stdout.write(JSON.stringify(reached));
