import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Both ends of one TCP connection over loopback. */
export interface RawPair {
  readonly client: Socket;
  readonly accepted: Socket;
}

/** Makes one; neither end has been read from. */
export async function rawPair(): Promise<RawPair> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connected = once(server, 'connection');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await connected) as [Socket];
  server.close();
  for (const socket of [client, accepted]) socket.on('error', () => undefined);
  return { client, accepted };
}
