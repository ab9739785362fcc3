import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const given = new Set<string>();

/**
 * A port that was free a moment ago on an address, for TCP and UDP, and that no other call got; and as many
 * after it as are asked for.
 *
 * Peers cannot tell which port they took, so it has to be chosen before they start.
 */
export async function freePort(host: string, following = 0): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = await freeTcpPort(host, 0);
    if (port === undefined || !(await areFree(host, port, following))) continue;
    for (let next = port; next <= port + following; next += 1) given.add(`${host}:${next}`);
    return port;
  }
  throw new Error(`no free port on ${host}`);
}

async function areFree(host: string, first: number, following: number): Promise<boolean> {
  for (let port = first; port <= first + following; port += 1) {
    if (given.has(`${host}:${port}`) || !(await isFreeForUdp(host, port))) return false;
    if (port > first && (await freeTcpPort(host, port)) === undefined) return false;
  }
  return true;
}

async function freeTcpPort(host: string, wanted: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(wanted, host);
    await once(server, 'listening');
  } catch {
    return undefined;
  }
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
