import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const KEPT: ReadonlySet<string> = new Set(['user', 'database', 'client_encoding']);
/** Length and version of the protocol. */
const HEAD_BYTES = 8;

/** Something between a gateway and its database that leaves out what is asked of a session, as poolers can be told to. */
export class ForgetfulPooler {
  readonly port: number;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<Socket>();

  private constructor(server: ReturnType<typeof createServer>, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** In front of a server's Unix socket. */
  static async before(socketPath: string): Promise<ForgetfulPooler> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const pooler = new ForgetfulPooler(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => pooler.#join(client, connect(socketPath)));
    return pooler;
  }

  #join(client: Socket, server: Socket): void {
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    client.once('data', (startup) => {
      server.write(withoutSettings(Buffer.from(startup)));
      client.pipe(server);
      server.pipe(client);
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

/** A StartupMessage: names and values, each with a zero behind it, and one at the end. */
function withoutSettings(startup: Buffer): Buffer {
  const words = startup.toString('utf8', HEAD_BYTES, startup.length - 2).split('\0');
  const kept = words.flatMap((name, at) =>
    at % 2 === 0 && KEPT.has(name) ? [`${name}\0${words[at + 1]}\0`] : [],
  );
  const body = Buffer.from(`${kept.join('')}\0`);
  const head = Buffer.from(startup.subarray(0, HEAD_BYTES));
  head.writeUInt32BE(HEAD_BYTES + body.length);
  return Buffer.concat([head, body]);
}
