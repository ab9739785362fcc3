import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import process from 'node:process';

/** Below the ports that systems choose by themselves, for who connects or asks for any. */
const FIRST = 11_000;
const SLICES = 400;
const SLICE_PORTS = 52;

/** Of this process, unless one that runs beside it has a process id that is larger by a multiple of the slices. */
const slice = FIRST + (process.pid % SLICES) * SLICE_PORTS;
let next = 0;

/**
 * A port that is free on an address, for TCP and UDP, and that no other call got; and as many after it as are
 * asked for.
 *
 * Peers cannot tell which port they took, so it has to be chosen before they start. Until then nobody takes it:
 * the system gives none of these to a connection, and tests that run beside this one look elsewhere.
 */
export async function freePort(host: string, following = 0): Promise<number> {
  for (let attempt = 0; attempt < SLICE_PORTS; attempt += 1) {
    // A long-lived process begins again at its first, which is free by then or is passed over.
    if (next + following >= SLICE_PORTS) next = 0;
    const port = slice + next;
    next += 1 + following;
    if (await areFree(host, port, following)) return port;
  }
  throw new Error(`no free port on ${host}`);
}

async function areFree(host: string, first: number, following: number): Promise<boolean> {
  for (let port = first; port <= first + following; port += 1) {
    if (!((await isFreeForTcp(host, port)) && (await isFreeForUdp(host, port)))) return false;
  }
  return true;
}

async function isFreeForTcp(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
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
