import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { Issued } from '@sallyport/certs/authority.ts';
import { Line } from './pair-line.ts';
import { answerText, type SipText } from './pair-message.ts';
import { Watch } from './pair-watch.ts';

/**
 * A SIP server of a company, as small as the tests need it: it answers probes, keeps what else it hears, and
 * answers or holds requests as it is told.
 */
export class SipServer {
  readonly lines: Line[] = [];
  /** What the server says to a request; undefined: nothing yet. */
  answer: (request: SipText, line: Line) => string | undefined = (request) =>
    request.method === 'ACK' ? undefined : answerText(request, '200 OK');
  readonly #server: Server;
  readonly #watch = new Watch();

  private constructor(identity: Issued, ca: string) {
    this.#server = createServer(
      { cert: identity.certificatePem, key: identity.privateKeyPem, ca, requestCert: true },
      (socket) => {
        const line = new Line(socket, this.#watch);
        line.answer = (request) => this.#answer(request, line);
        this.lines.push(line);
        this.#watch.look();
      },
    );
  }

  /** `ca` is the authority of whoever connects. */
  static async listen(identity: Issued, ca: string): Promise<SipServer> {
    const server = new SipServer(identity, ca);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Requests of all lines but probes, in the order they came. */
  get requests(): readonly SipText[] {
    return this.lines
      .flatMap(({ messages }) => messages)
      .filter((one) => one.method !== undefined && !isProbe(one))
      .sort((one, other) => one.receivedAtMs - other.receivedAtMs);
  }

  /** The line over which the gateway of that name probes us. */
  async lineOf(gateway: string): Promise<Line> {
    const find = () =>
      this.lines.find(
        (line) =>
          !line.isClosed &&
          line.messages.some((one) => isProbe(one) && one.header('Via').includes(gateway)),
      );
    await this.until(() => find() !== undefined, `probe of ${gateway}`);
    return find() as Line;
  }

  async request(method: string, callId?: string): Promise<SipText> {
    const find = () =>
      this.requests.find(
        (one) => one.method === method && (callId === undefined || one.callId === callId),
      );
    await this.until(() => find() !== undefined, `${method} at a server`);
    return find() as SipText;
  }

  async until(isTrue: () => boolean, what: string, timeoutMs?: number): Promise<void> {
    const seen = () => this.requests.map(({ startLine }) => startLine).slice(-20);
    await this.#watch.until(isTrue, () => `${what}; had: ${seen().join(' | ')}`, timeoutMs);
  }

  /** Sends an answer over the line that the request came on. */
  reply(request: SipText, text: string): void {
    this.lines.find(({ messages }) => messages.includes(request))?.send(text);
  }

  close(): void {
    for (const line of this.lines) line.end();
    this.#server.close();
  }

  #answer(request: SipText, line: Line): string | undefined {
    return isProbe(request) ? answerText(request, '200 OK') : this.answer(request, line);
  }
}

function isProbe(message: SipText): boolean {
  return message.header('Via').includes('z9hG4bKprobe.');
}
