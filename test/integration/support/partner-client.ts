import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Issued } from '@sallyport/certs/authority.ts';

/** Nobody is this late on a busy machine; shorter than any wait of the programs that ends by a timer of 30 s. */
const WAIT_MS = 20_000;

/** A partner's end of a connection: collects text, waits for what the test expects. */
export class PartnerClient<S extends Socket = TLSSocket> {
  readonly socket: S;
  received = '';
  closed = false;
  readonly #waiting = new Set<() => void>();

  constructor(socket: S) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      this.#look();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#look();
    });
  }

  /** Without TLS. */
  static async connectPlain(port: number, firstBytes = ''): Promise<PartnerClient<Socket>> {
    const raw = connectTcp(port, '127.0.0.1');
    const client = new PartnerClient(raw);
    await Promise.race([once(raw, 'connect'), once(raw, 'close')]);
    if (firstBytes !== '') client.send(firstBytes);
    return client;
  }

  static async connect(
    port: number,
    credentials: Issued | undefined,
    options: ConnectionOptions = {},
    firstBytes: Buffer = Buffer.alloc(0),
  ): Promise<PartnerClient> {
    const raw: Socket = connectTcp(port, '127.0.0.1');
    raw.on('error', () => undefined);
    await once(raw, 'connect');
    if (firstBytes.length > 0) raw.write(firstBytes);
    const socket = connect({
      socket: raw,
      servername: 'acme.example',
      rejectUnauthorized: false,
      ...(credentials === undefined
        ? {}
        : { cert: credentials.certificatePem, key: credentials.privateKeyPem }),
      ...options,
    });
    const client = new PartnerClient(socket);
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(
      () => undefined,
    );
    return client;
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'));
  }

  async until(isTrue: (client: PartnerClient<S>) => boolean, what: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, WAIT_MS);
    const look = () => {
      if (isTrue(this)) resolve();
    };
    this.#waiting.add(look);
    look();
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(look);
    if (!isTrue(this)) throw new Error(`no ${what}; received: ${this.received.slice(0, 2000)}`);
  }

  /** Waits until the peer has said that. */
  expect(text: string): Promise<void> {
    return this.until(({ received }) => received.includes(text), JSON.stringify(text));
  }

  expectClose(): Promise<void> {
    return this.until(({ closed }) => closed, 'close');
  }

  end(): void {
    this.socket.destroy();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}
