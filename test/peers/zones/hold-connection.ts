import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A program for a namespace: keeps one connection with a proxy's stand-in, asks it again and again who it is, and writes
 * each answer as a line; ends when the connection does.
 */
export interface HeldConnection {
  readonly host: string;
  readonly port: number;
  readonly localAddress: string;
}

const { host, port, localAddress } = JSON.parse(process.argv[2] ?? '') as HeldConnection;
const PAUSE_MS = 100;

const socket = connect({ host, port, localAddress });
socket.on('error', () => process.exit(1));
socket.on('close', () => process.exit(1));
createInterface({ input: socket }).on('line', (line) => process.stdout.write(`${line}\n`));
for (;;) {
  await delay(PAUSE_MS);
  socket.write('who\n');
}
