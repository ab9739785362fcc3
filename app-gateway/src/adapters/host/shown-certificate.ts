import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { ownAddressOf } from '@sallyport/shared/net/every-address.ts';

const TIMEOUT_MS = 3000;

/** Where a handshake is tried, and the server name that it asks for. */
export interface ShownAt {
  readonly host: string;
  readonly port: number;
  readonly serverName: string | undefined;
}

/**
 * The certificate (DER) that a program on this machine shows to whoever connects; undefined where none was seen.
 *
 * Nothing is believed of it here, and nothing is said on the connection: to the program it is a stranger that left.
 */
export function shownCertificate({ host, port, serverName }: ShownAt): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const isName = serverName !== undefined && isIP(serverName) === 0;
    const socket = connect({
      host: ownAddressOf(host),
      port,
      // What is shown is to be judged, not to be trusted.
      rejectUnauthorized: false,
      ...(isName && { servername: serverName }),
    });
    const end = () => {
      const { raw } = socket.getPeerX509Certificate() ?? {};
      clearTimeout(timer);
      socket.destroy();
      resolve(raw);
    };
    const timer = setTimeout(end, TIMEOUT_MS);
    socket.once('secureConnect', end);
    socket.on('error', end);
    socket.on('close', end);
  });
}
