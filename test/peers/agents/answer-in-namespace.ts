import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** One place: TCP connections are taken, datagrams sent back. */
interface Place {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

/** A program for a network namespace: listens at the places it is given, and says "ready". */
const places = JSON.parse(process.argv[2] ?? '[]') as readonly Place[];
let open = 0;
const opened = () => {
  open += 1;
  if (open === places.length) process.stdout.write('ready\n');
};
for (const { protocol, address, port } of places) {
  if (protocol === 'tcp') {
    const server = createServer((socket) => socket.on('error', () => undefined).resume());
    server.listen(port, address, opened);
  } else {
    const socket = createSocket('udp4', (question, peer) => {
      socket.send(question, peer.port, peer.address);
    });
    socket.bind(port, address, opened);
  }
}
