import { createServer, type Server } from 'node:net';

type FivePorts = [number, number, number, number, number];

/** Five ports that are free on loopback now, held until all are known so that they differ. */
export async function freePorts(): Promise<FivePorts> {
  const servers = await Promise.all(Array.from({ length: 5 }, open));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as FivePorts;
}

function open(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
