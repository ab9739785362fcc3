import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Greeting } from './proxy-stand-in.ts';

/** A program for a namespace: connects once from each address (JSON on standard input) and writes who greeted it. */
export interface Calls {
  readonly host: string;
  readonly port: number;
  readonly from: readonly string[];
}

/** Absent greeting: nobody answered in time, or the connection was refused. */
export interface Called {
  readonly from: string;
  readonly greeting?: Greeting;
}

const PATIENCE_MS = 1500;
const { host, port, from } = JSON.parse(readFileSync(0, 'utf8')) as Calls;
process.stdout.write(JSON.stringify(await Promise.all(from.map(call))));

function call(localAddress: string): Promise<Called> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, localAddress });
    const end = (called: Called) => {
      socket.destroy();
      resolve(called);
    };
    socket.setTimeout(PATIENCE_MS, () => end({ from: localAddress }));
    socket.once('data', (line) => {
      const greeting = JSON.parse(line.toString()) as Greeting;
      end({ from: localAddress, greeting });
    });
    socket.once('error', () => end({ from: localAddress }));
  });
}
