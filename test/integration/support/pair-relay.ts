import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A firewall between the two programs that a test can close: TCP to one port, or refused, or swallowed. */
export class Relay {
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #isSwallowing = false;

  private constructor(to: number) {
    this.#to = to;
  }

  static async open(to: number): Promise<Relay> {
    const relay = new Relay(to);
    await relay.restore();
    return relay;
  }

  get port(): number {
    return this.#port;
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  /** From now on nothing goes through, and nobody is told. */
  swallow(): void {
    this.#isSwallowing = true;
  }

  /** Lets connections through again, on the same port. */
  restore(): Promise<void> {
    const server = createServer((socket) => this.#join(socket));
    this.#server = server;
    this.#isSwallowing = false;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', () => {
        this.#port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  #join(near: Socket): void {
    const far = connect(this.#to, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (chunk: Buffer) => {
        if (!this.#isSwallowing) to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!this.#isSwallowing) to.destroy();
      });
    }
  }
}
