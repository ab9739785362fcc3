import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const given = new Set<string>();

/**
 * A port that was free a moment ago on an address, for TCP and UDP, and that no other call got.
 *
 * Peers cannot tell which port they took, so it has to be chosen before they start.
 */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = await freeTcpPort(host);
    if (given.has(`${host}:${port}`) || !(await isFreeForUdp(host, port))) continue;
    given.add(`${host}:${port}`);
    return port;
  }
  throw new Error(`no free port on ${host}`);
}

async function freeTcpPort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isFreeForUdp(host: string, port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
