import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { Hello } from '@sallyport/shared/channel/hello.ts';
import {
  type ChannelCredentials,
  channelClientOptions,
  channelServerOptions,
} from '@sallyport/shared/io/channel-tls.ts';
import { ATTACKS, type Attack } from './attacks.ts';
import { frame } from './forged-frames.ts';

/**
 * A program for a namespace: what an attacker runs on a proxy's host with the keys that he found there.
 *
 * On every channel that comes about he does the next thing of his list, and says what came of it as a line of JSON.
 * When he is through he is a well-behaved proxy, as far as that goes.
 */
export interface OwnedProxy {
  /** The bundle whose keys he has. */
  readonly bundle: string;
  readonly own: Hello;
  /** Sockets of the proxy's workers, at which gateways dial; or the gateways that he dials. */
  readonly listen: readonly { readonly host: string; readonly port: number }[];
  readonly dial: readonly { readonly host: string; readonly port: number }[];
}

/** What came of one attack. */
export interface Attacked {
  readonly name: string;
  readonly outcome: 'closed' | 'open';
  /** Octets that came back, as text, as far as an attacker would keep them. */
  readonly heard: string;
}

/** Longer than a gateway waits for a hello. */
const PATIENCE_MS = 12_000;
/** So long after the last word he looks whether the channel is still there. */
const STILL_OPEN_MS = 1500;
const HEARD_MAX = 200_000;
const AGAIN_MS = 250;

const wishes = JSON.parse(process.argv[2] ?? '') as OwnedProxy;
const file = (name: string) => readFileSync(join(wishes.bundle, name), 'utf8');
const credentials: ChannelCredentials = {
  certificatePem: file('channel.crt'),
  keyPem: file('channel.key'),
  caPem: file('channel-ca.crt'),
};
const waiting: Attack[] = [...ATTACKS];
let left = waiting.length;

for (const [worker, { host, port }] of wishes.listen.entries()) {
  const server = createServer(channelServerOptions(credentials), (socket) => serve(socket, worker));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
}
for (const target of wishes.dial) void dialAgainAndAgain(target);
process.stdout.write('ready\n');

async function dialAgainAndAgain(target: { host: string; port: number }): Promise<void> {
  for (;;) {
    const socket = connect({ ...channelClientOptions(credentials), ...target });
    socket.on('error', () => undefined);
    socket.once('secureConnect', () => serve(socket, 0));
    await new Promise((resolve) => socket.once('close', resolve));
    await delay(AGAIN_MS);
  }
}

function serve(socket: TLSSocket, worker: number): void {
  socket.on('error', () => undefined);
  const attack = waiting.shift();
  if (attack === undefined) behave(socket, worker);
  else void carryOut(socket, attack, worker);
}

async function carryOut(socket: TLSSocket, attack: Attack, worker: number): Promise<void> {
  const heard: Buffer[] = [];
  let heardBytes = 0;
  socket.on('data', (chunk: Buffer) => {
    if (heardBytes < HEARD_MAX) heard.push(chunk);
    heardBytes += chunk.length;
  });
  const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
  const own: Hello = { ...wishes.own, worker };
  const hello = attack.hello === undefined ? own : attack.hello(own);
  if (hello !== null) socket.write(frame(FrameType.hello, hello));
  for (const bytes of attack.sends?.(own) ?? []) {
    if (socket.destroyed) break;
    if (!socket.write(bytes)) await Promise.race([drained(socket), closed]);
  }
  if (attack.hangsUp === true) socket.end();
  const patience = attack.code === 'none' ? STILL_OPEN_MS : PATIENCE_MS;
  const outcome = await Promise.race([closed, delay(patience, 'open' as const)]);
  socket.destroy();
  const told: Attacked = {
    name: attack.name,
    outcome,
    heard: Buffer.concat(heard).toString('latin1'),
  };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  left -= 1;
  if (left === 0) process.stdout.write('through\n');
}

/** Says hello, and then no more than that it is there. */
function behave(socket: TLSSocket, worker: number): void {
  socket.write(frame(FrameType.hello, { ...wishes.own, worker }));
  const pings = setInterval(() => socket.write(frame(FrameType.ping, '')), 5000);
  socket.once('close', () => clearInterval(pings));
  socket.resume();
}

function drained(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => socket.once('drain', resolve));
}
