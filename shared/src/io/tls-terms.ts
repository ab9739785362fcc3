import type { TLSSocket } from 'node:tls';
import { keyExchangeGroup } from './key-exchange-group.ts';

/** What both ends of a TLS connection have agreed on. */
export interface TlsTerms {
  readonly version: string;
  readonly cipher: string;
  readonly group?: string;
}

/** The terms of a handshake that is over; `unknown` are those of a socket that was closed since. */
export function tlsTerms(socket: TLSSocket): TlsTerms {
  const group = keyExchangeGroup(socket);
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher()?.name ?? 'unknown',
    ...(group !== undefined && { group }),
  };
}
