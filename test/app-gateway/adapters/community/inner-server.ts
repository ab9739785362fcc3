import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import { LIMITS, responseTo } from '../../domain/core/core-stage.ts';

const VALIDITY = validForDays(Date.now(), 2);

export const innerAuthority: Issued = await createAuthority({
  commonName: 'Inner CA',
  ...VALIDITY,
});
export const strangeAuthority: Issued = await createAuthority({
  commonName: 'Inner CA',
  ...VALIDITY,
});

export interface Shown {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** A certificate with these DNS names and the loopback address. */
export async function shownBy(authority: Issued, ...dnsNames: string[]): Promise<Shown> {
  const issued = await issueLeaf(authority, {
    commonName: 'inner',
    dnsNames,
    ...VALIDITY,
    usages: ['serverAuth', 'clientAuth'],
  });
  return { chainPem: issued.certificatePem, keyPem: issued.privateKeyPem };
}

/** One connection of a SIP speaker that writes down what it is sent. */
export class Speaker {
  readonly socket: TLSSocket;
  readonly received: string[] = [];
  /** The certificate of the other end. */
  readonly shown: X509Certificate | undefined;
  isClosed = false;
  /** Called for what it writes down. */
  noted: () => void = () => undefined;
  #check: (() => void) | undefined;

  /** `automatic` answers a request at once; undefined leaves it. */
  constructor(socket: TLSSocket, automatic: (request: string) => string | undefined) {
    this.socket = socket;
    this.shown = socket.getPeerX509Certificate();
    const reader = new MessageReader(new MessageIndex(LIMITS), {
      message: (index) => {
        const text = index.bytes.toString('latin1', index.start, index.end);
        const answer = index.isRequest ? automatic(text) : undefined;
        if (answer === undefined) this.received.push(text);
        else this.send(answer);
        this.#check?.();
        this.noted();
      },
      keepAlivePing: () => undefined,
      keepAlivePong: () => this.received.push('pong'),
      fatal: () => socket.destroy(),
    });
    socket.on('data', (bytes: Buffer) => reader.push(bytes, 0, bytes.length));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
      this.#check?.();
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The next message that was not answered by itself. */
  async next(): Promise<string> {
    await this.until(() => this.received.length > 0);
    return this.received.shift() as string;
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (!condition()) return;
        this.#check = undefined;
        resolve();
      };
      this.#check();
    });
  }
}

/** A request, and the connection that brought it. */
interface Asked {
  readonly request: string;
  readonly speaker: Speaker;
}

/** An inner SIP server on a port of its own; it answers OPTIONS by itself. */
export class InnerServer {
  readonly speakers: Speaker[] = [];
  readonly #server: Server;
  readonly #waiting: ((speaker: Speaker) => void)[] = [];
  readonly #all = new Set<Speaker>();
  #asked: () => void = () => undefined;
  /** Answer to OPTIONS; 0: line ends alone; -1: nothing. */
  optionsStatus = 200;
  optionsSeen = 0;
  /** The newest of them. */
  optionsText = '';

  constructor(shown: Shown) {
    this.#server = createServer(
      { cert: shown.chainPem, key: shown.keyPem, requestCert: true, rejectUnauthorized: false },
      (socket) => {
        const speaker = new Speaker(socket, (request) => this.#automatic(request));
        speaker.noted = () => this.#asked();
        this.#all.add(speaker);
        const waiting = this.#waiting.shift();
        if (waiting === undefined) this.speakers.push(speaker);
        else waiting(speaker);
      },
    );
    this.#server.on('tlsClientError', () => undefined);
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next connection made to it. */
  accepted(): Promise<Speaker> {
    const speaker = this.speakers.shift();
    if (speaker !== undefined) return Promise.resolve(speaker);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next request, whichever connection brings it. */
  asked(): Promise<Asked> {
    return new Promise((resolve) => {
      this.#asked = () => {
        for (const speaker of this.#all) {
          const at = speaker.received.findIndex((text) => !text.startsWith('SIP/2.0 '));
          if (at < 0) continue;
          this.#asked = () => undefined;
          const unclaimed = this.speakers.indexOf(speaker);
          if (unclaimed >= 0) this.speakers.splice(unclaimed, 1);
          return resolve({ speaker, request: speaker.received.splice(at, 1).join() });
        }
      };
      this.#asked();
    });
  }

  /** Ends all connections, too. */
  close(): void {
    this.#server.close();
    for (const { socket } of this.#all) socket.destroy();
  }

  #automatic(request: string): string | undefined {
    if (!request.startsWith('OPTIONS')) return undefined;
    this.optionsSeen++;
    this.optionsText = request;
    if (this.optionsStatus < 0) return '';
    return this.optionsStatus === 0 ? '\r\n\r\n' : responseTo(request, this.optionsStatus);
  }
}

/** A connection that an inner server opens to the gateway. */
export async function dialled(port: number, shown: Shown | undefined): Promise<Speaker> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ...(shown && { cert: shown.chainPem, key: shown.keyPem }),
  });
  await once(socket, 'secureConnect');
  return new Speaker(socket, () => undefined);
}
