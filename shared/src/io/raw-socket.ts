import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/**
 * The accepted socket that a server made a TLS socket of.
 *
 * Node.js has no documented way to ask for it, and after a reset the TLS socket knows no address any more, while the
 * accepted one does if it was ever asked. Where the property is gone this is the TLS socket itself, and tests say so.
 */
export function rawSocketOf(socket: TLSSocket): Socket {
  const raw: unknown = Reflect.get(socket, '_parent');
  return raw instanceof Socket ? raw : socket;
}
