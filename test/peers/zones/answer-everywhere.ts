import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';

/**
 * A program for a namespace: stands in for the servers of a host. It listens on each socket that it is given
 * (JSON in its first argument), answers who comes, and says `ready`.
 */
interface Listening {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

const listening = JSON.parse(process.argv[2] ?? '[]') as readonly Listening[];
for (const { protocol, address, port } of listening) {
  if (protocol === 'tcp') {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end();
    });
    server.listen(port, address);
    await once(server, 'listening');
  } else {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.on('message', (_, from) => socket.send('!', from.port, from.address));
    socket.bind(port, address);
    await once(socket, 'listening');
  }
}
process.stdout.write('ready\n');
