import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathOf } from '../support/available.ts';
import { freePort } from '../support/free-port.ts';
import { filledIn, MODULES } from '../support/kamailio.ts';
import type { Stage } from '../support/stage.ts';
import { accepts } from '../support/wait.ts';
import { isOfSipAlone, ourReading } from './reading.ts';

const ADDRESS = '127.0.20.2';
const PEERS = join(import.meta.dirname, '..');

/** Starts a Kamailio that answers with what it read. */
export async function startKamailioReader(stage: Stage): Promise<KamailioReader> {
  const folder = stage.subfolder('reader');
  const port = await freePort(ADDRESS);
  const file = join(folder, 'reader.cfg');
  const words = { ADDRESS, TCP_PORT: String(port), MODULES: MODULES ?? '' };
  writeFileSync(file, filledIn(join(PEERS, 'kamailio/reader.cfg'), words));
  const args = ['-f', file, '-P', join(folder, 'pid'), '-Y', folder, '-w', folder].concat([
    '-m',
    '32',
    '-M',
    '8',
    '-DD',
    '-E',
  ]);
  const command = pathOf('kamailio') ?? 'kamailio';
  await stage.start({ name: 'reader', command, args }, () => accepts(ADDRESS, port));
  return new KamailioReader(port);
}

/** One connection to it, as a gateway has it; a new one where it was closed. */
export class KamailioReader {
  readonly #port: number;
  #socket: Socket | undefined;
  #answers = '';
  #sentinel = 0;
  #wake = (): void => undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /**
   * What it took for messages, one line for each, when it was sent one; and `closed` where it closed the connection. A request
   * behind that one shows that it found the end of it.
   */
  async read(text: string): Promise<string[]> {
    const socket = this.#socket ?? (await this.#connected());
    this.#answers = '';
    const callId = `sentinel-${++this.#sentinel}`;
    socket.write(Buffer.from(text + sentinelOf(callId), 'latin1'));
    while (!this.#isAnswered(callId) && !socket.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const lines = [...this.#answers.matchAll(/^X-Read: (.*)\r\n/gm)].map(([, line]) => line ?? '');
    if (socket.destroyed) this.#socket = undefined;
    const own = `|${Buffer.from(callId).toString('hex')}|`;
    const read = lines.filter((line) => !line.includes(own));
    return socket.destroyed ? [...read, 'closed'] : read;
  }

  end(): void {
    this.#socket?.destroy();
  }

  #isAnswered(callId: string): boolean {
    return this.#answers.includes(`Call-ID: ${callId}\r\n`) && this.#answers.endsWith('\r\n\r\n');
  }

  async #connected(): Promise<Socket> {
    const socket = connect({ host: ADDRESS, port: this.#port });
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.on('data', (bytes) => {
      this.#answers += bytes.toString('latin1');
      this.#wake();
    });
    socket.on('close', () => this.#wake());
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    this.#socket = socket;
    return socket;
  }
}

/** What waits longer for the end of a message has not found it. */
const SILENCE_MS = 3000;

function sentinelOf(callId: string): string {
  return [
    'OPTIONS sip:sentinel@acme.example SIP/2.0',
    'Via: SIP/2.0/TCP gateway.example;branch=z9hG4bKsentinel',
    'From: <sip:a@gateway.example>;tag=1',
    'To: <sip:sentinel@acme.example>',
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

/** What Net::SIP reads of each message, one line for each. */
export function readByNetSip(texts: readonly string[]): string[] {
  const input = texts.map((text) => text.length.toString(16).padStart(8, '0') + text).join('');
  const program = join(PEERS, 'agents/net-sip-reader.pl');
  const output = execFileSync(pathOf('perl') ?? 'perl', [program], {
    input: Buffer.from(input, 'latin1'),
    maxBuffer: 2 ** 28,
  });
  return output.toString('latin1').trimEnd().split('\n');
}

/**
 * Net::SIP takes what stands before a semicolon in a user part for the host, looks for `<` in display names too, and gives a message
 * back whole that has a quote or bracket without end in a list.
 */
export function isClearToNetSip(text: string): boolean {
  const { requestUser, from, to } = ourReading(text);
  const [head = ''] = text.split('\r\n\r\n', 1);
  const isPaired = head.split('\r\n').every((line) => {
    const count = (mark: string) => line.split(mark).length - 1;
    return count('"') % 2 === 0 && count('<') === count('>');
  });
  const users = `${requestUser}${from[0]}${to[0]}`;
  return isPaired && isOfSipAlone(text) && !users.includes(';') && !/"[^"\r]*<[^"\r]*"/.test(head);
}
