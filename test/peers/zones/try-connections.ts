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
  /** Where it comes from; else the system chooses. */
  readonly from?: { readonly address: string; readonly port: number };
  /** For whoever is expected to be answered, on a busy machine too: it costs no time where all is well. */
  readonly isPatient?: boolean;
}

/** `silent`: nothing came back in time, as when a firewall drops it. */
export type Reached = 'answered' | 'refused' | 'silent' | 'unreachable';

const PATIENCE_MS = 10_000;
/** For what is expected to be dropped. */
const HASTE_MS = 700;
const AT_ONCE = 128;

async function reach(attempt: Attempt): Promise<Reached> {
  return attempt.protocol === 'tcp' ? overTcp(attempt) : overUdp(attempt);
}

function overTcp({ address, port, from, isPatient }: Attempt): Promise<Reached> {
  return new Promise((resolve) => {
    const own = from === undefined ? {} : { localAddress: from.address, localPort: from.port };
    const socket = connect({ host: address, port, ...own });
    const done = (reached: Reached) => {
      socket.destroy();
      resolve(reached);
    };
    socket.setTimeout(isPatient === true ? PATIENCE_MS : HASTE_MS, () => done('silent'));
    socket.once('connect', () => done('answered'));
    socket.once('error', (fault) => done(meaningOf(fault)));
  });
}

function overUdp({ address, port, from, isPatient }: Attempt): Promise<Reached> {
  return new Promise((resolve) => {
    const socket = createSocket({
      type: isIPv6(address) ? 'udp6' : 'udp4',
      reuseAddr: from !== undefined,
    });
    const timer = setTimeout(() => done('silent'), isPatient === true ? PATIENCE_MS : HASTE_MS);
    const done = (reached: Reached) => {
      clearTimeout(timer);
      socket.close();
      resolve(reached);
    };
    socket.once('message', () => done('answered'));
    socket.once('error', (fault) => done(meaningOf(fault)));
    const speak = () => socket.connect(port, address, () => socket.send('?'));
    if (from === undefined) speak();
    else socket.bind(from.port, from.address, speak);
  });
}

function meaningOf(fault: Error): Reached {
  const code = 'code' in fault ? fault.code : '';
  if (code === 'ECONNREFUSED') return 'refused';
  return code === 'ETIMEDOUT' ? 'silent' : 'unreachable';
}

const attempts = JSON.parse(readFileSync(0, 'utf8')) as readonly Attempt[];
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
