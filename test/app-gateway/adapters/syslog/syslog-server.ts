import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';

/** A syslog server of a test: takes octet-counted messages over TLS (RFC 5425 §4.3) and keeps them. */
export class SyslogServer {
  readonly messages: string[] = [];
  readonly sockets: TLSSocket[] = [];
  readonly #server: Server;
  #connections = 0;

  constructor(
    options: TlsOptions,
    serve: (socket: TLSSocket) => void = (socket) => this.read(socket),
  ) {
    this.#server = createServer(options, (socket) => {
      this.#connections++;
      this.sockets.push(socket);
      socket.on('error', () => undefined);
      serve(socket);
    });
    this.#server.on('tlsClientError', () => undefined);
  }

  get connections(): number {
    return this.#connections;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  read(socket: TLSSocket): void {
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (octets: Buffer) => {
      rest = Buffer.concat([rest, octets]);
      const { messages, rest: left } = cutMessages(rest);
      rest = left;
      this.messages.push(...messages);
    });
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
  }
}

/** Cuts octet-counted messages; throws for anything else. */
export function cutMessages(octets: Buffer): { messages: readonly string[]; rest: Buffer } {
  const messages: string[] = [];
  let rest = octets;
  for (;;) {
    const space = rest.indexOf(' ');
    if (space < 0) return { messages, rest };
    const digits = rest.toString('latin1', 0, space);
    if (!/^[1-9]\d{0,4}$/.test(digits)) throw new Error(`no length: ${JSON.stringify(digits)}`);
    const end = space + 1 + Number(digits);
    if (rest.length < end) return { messages, rest };
    messages.push(rest.toString('utf8', space + 1, end));
    rest = rest.subarray(end);
  }
}
