import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A program for a namespace: keeps one connection with a proxy's stand-in, asks it again and again who it is, and writes
 * each answer as a line; ends when the connection does. Host, port and own address are its arguments.
 */
const [host = '', port = '', localAddress = ''] = process.argv.slice(2);
const PAUSE_MS = 100;

const socket = connect({ host, port: Number(port), localAddress });
socket.on('error', () => process.exit(1));
socket.on('close', () => process.exit(1));
createInterface({ input: socket }).on('line', (line) => process.stdout.write(`${line}\n`));
for (;;) {
  await delay(PAUSE_MS);
  socket.write('who\n');
}
