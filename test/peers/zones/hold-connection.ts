import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Greeting } from './proxy-stand-in.ts';

/**
 * A program for a namespace: keeps a connection with a proxy's stand-in, asks it again and again who it is, and writes
 * each answer as a line of JSON; ends when the connection does, or calls again.
 */
export interface HeldConnection {
  readonly host: string;
  readonly port: number;
  readonly localAddress: string;
  /** A lost connection is made again, and one on which nothing comes back for a second counts as lost. */
  readonly isRenewed?: boolean;
}

/** An answer, when it came, and on which connection, the first being 1. */
export interface Held extends Greeting {
  readonly at: number;
  readonly call: number;
}

const PAUSE_MS = 100;
const SILENCE_MS = 1000;
const { isRenewed = false, ...target } = JSON.parse(process.argv[2] ?? '') as HeldConnection;

for (let call = 1; ; ) {
  if (await answersOf(connect(target), call)) call += 1;
  if (!isRenewed) process.exit(1);
  await delay(PAUSE_MS);
}

/** Asks until the connection is over; whether anything was answered on it. */
async function answersOf(socket: Socket, call: number): Promise<boolean> {
  let heardAt = Date.now();
  let isAnswered = false;
  socket.on('error', () => socket.destroy());
  createInterface({ input: socket }).on('line', (line) => {
    heardAt = Date.now();
    isAnswered = true;
    const held: Held = { ...(JSON.parse(line) as Greeting), at: heardAt, call };
    process.stdout.write(`${JSON.stringify(held)}\n`);
  });
  const asking = setInterval(() => {
    if (isRenewed && Date.now() - heardAt > SILENCE_MS) socket.destroy();
    else if (socket.readyState === 'open') socket.write('who\n');
  }, PAUSE_MS);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(asking);
  return isAnswered;
}
