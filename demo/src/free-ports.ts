import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { errorCode } from '@sallyport/shared/error-code.ts';

type FivePorts = [number, number, number, number, number];

/** Below the ports that systems give to whoever connects: the programs listen seconds later, and until then one of those may be taken. */
const FIRST = 20_000;
const END = 32_000;
const TRIES_MAX = 200;

/** Five ports that are free on loopback now, held until all are known so that they differ. */
export async function freePorts(): Promise<FivePorts> {
  const held = new Map<number, Server>();
  for (let tries = 0; held.size < 5; tries++) {
    if (tries === TRIES_MAX)
      throw new Error(`no free ports on 127.0.0.1 between ${FIRST} and ${END}`);
    const port = randomInt(FIRST, END);
    const server = held.has(port) ? undefined : await listening(port);
    if (server !== undefined) held.set(port, server);
  }
  const servers = [...held.values()];
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [...held.keys()] as FivePorts;
}

/** Undefined: somebody else has it. */
function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause) => {
      if (errorCode(cause) === 'EADDRINUSE') resolve(undefined);
      else reject(cause);
    });
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
