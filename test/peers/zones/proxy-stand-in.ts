import { existsSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * A program for a namespace: stands in for a proxy behind a balancer. It tells who connects which proxy it is and what
 * address it sees, and says it again for every line; its health is what a file says.
 */
export interface ProxyStandIn {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly health?: { readonly address: string; readonly port: number };
  /** While this file is there it answers 503; connections are taken all the same. */
  readonly unfitFile: string;
}

/** What it tells who connects. */
export interface Greeting {
  readonly proxy: string;
  readonly seenFrom: string;
}

const wishes = JSON.parse(process.argv[2] ?? '') as ProxyStandIn;
const { health } = wishes;
if (health !== undefined) {
  const server = createHttpServer((request, response) => {
    const isFit = request.url === '/health' && !existsSync(wishes.unfitFile);
    response.writeHead(isFit ? 200 : 503).end();
  });
  await new Promise<void>((resolve) => server.listen(health.port, health.address, resolve));
}
const server = createServer((socket) => {
  const greeting: Greeting = { proxy: wishes.name, seenFrom: socket.remoteAddress ?? '' };
  const greet = () => socket.write(`${JSON.stringify(greeting)}\n`);
  socket.on('error', () => socket.destroy());
  const lines = createInterface({ input: socket }).on('line', greet);
  // It says again what the socket has said: a partner that hangs up while it is greeted.
  lines.on('error', () => socket.destroy());
  greet();
});
server.listen(wishes.port, wishes.host, () => process.stdout.write('ready\n'));
