import { createSocket } from 'node:dgram';

/** Any port will do: nothing is sent there. */
const DISCARD_PORT = 9;

/**
 * The address that this machine’s packets to an address would carry; undefined where there is no way there.
 *
 * A UDP socket is tied to the address, which sends nothing and lets the kernel choose.
 */
export function sourceAddress(to: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4');
    const end = (address: string | undefined) => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => end(undefined));
    // A listener of the event, not a callback: that one is called for a failure as well.
    socket.once('connect', () => end(socket.address().address));
    socket.connect(DISCARD_PORT, to);
  });
}
