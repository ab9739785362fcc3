import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect } from 'node:tls';
import type { Issued } from '@sallyport/certs/authority.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import { SipText } from './pair-message.ts';
import { Watch } from './pair-watch.ts';

const LIMITS = {
  headBytesMax: 65_536,
  bodyBytesMax: 262_144,
  requestUriBytesMax: 8192,
  lineBytesMax: 16_384,
  headersMax: 256,
};

/** One connection of a peer, cut into messages. */
export class Line {
  readonly socket: Socket;
  readonly messages: SipText[] = [];
  isClosed = false;
  /** Answers requests at once when it gives a text. */
  answer: ((request: SipText, line: Line) => string | undefined) | undefined;
  readonly #watch: Watch;

  constructor(socket: Socket, watch = new Watch()) {
    this.socket = socket;
    this.#watch = watch;
    socket.setNoDelay(true);
    const reader = new MessageReader(new MessageIndex(LIMITS), {
      message: ({ bytes, start, end }) => this.#take(bytes.toString('latin1', start, end)),
      keepAlivePing: () => socket.write('\r\n'),
      keepAlivePong: () => undefined,
      fatal: () => socket.destroy(),
    });
    socket.on('data', (chunk: Buffer) => reader.push(chunk, 0, chunk.length));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.isClosed = true;
      this.#watch.look();
    });
  }

  /** Connects as a partner; rejects when there is nobody. What the peer thinks of us shows later. */
  static async connect(port: number, identity: Issued | undefined): Promise<Line> {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'acme.example',
      rejectUnauthorized: false,
      ...(identity && { cert: identity.certificatePem, key: identity.privateKeyPem }),
    });
    await once(socket, 'secureConnect');
    return new Line(socket);
  }

  /** The same without TLS. */
  static async connectPlain(port: number): Promise<Line> {
    const socket = connectTcp(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Line(socket);
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'));
  }

  /** Sends a request and waits for its final response. */
  async ask(text: string): Promise<SipText> {
    const { callId, method = '' } = new SipText(text);
    const cseq = new SipText(text).header('CSeq');
    const since = this.messages.length;
    this.send(text);
    return await this.message(
      `answer to ${method}`,
      (one) => one.isFinal && one.callId === callId && one.header('CSeq') === cseq,
      since,
    );
  }

  /** The first message from `since` on that matches, had or to come. */
  async message(what: string, matches: (message: SipText) => boolean, since = 0): Promise<SipText> {
    let found: SipText | undefined;
    let next = since;
    const isFound = () => {
      while (found === undefined && next < this.messages.length) {
        const message = this.messages[next++];
        if (message !== undefined && matches(message)) found = message;
      }
      return found !== undefined;
    };
    await this.until(isFound, what);
    return found as unknown as SipText;
  }

  /** The first request of a method, with that Call-ID if one is given. */
  request(method: string, callId?: string): Promise<SipText> {
    return this.message(
      method,
      (one) => one.method === method && (callId === undefined || one.callId === callId),
    );
  }

  async until(isTrue: () => boolean, what: string, timeoutMs?: number): Promise<void> {
    const seen = () => this.messages.map(({ startLine }) => startLine).slice(-20);
    await this.#watch.until(isTrue, () => `${what}; had: ${seen().join(' | ')}`, timeoutMs);
  }

  async closed(timeoutMs?: number): Promise<void> {
    await this.until(() => this.isClosed, 'close', timeoutMs);
  }

  end(): void {
    this.socket.destroy();
  }

  #take(text: string): void {
    const message = new SipText(text, performance.now());
    this.messages.push(message);
    const answer = message.method === undefined ? undefined : this.answer?.(message, this);
    if (answer !== undefined) this.send(answer);
    this.#watch.look();
  }
}
