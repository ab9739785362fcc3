import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createServer,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import type { Issued } from '@sallyport/certs/authority.ts';

/** Both ends of one real TLS connection over loopback. */
export interface TlsPair {
  readonly accepted: TLSSocket;
  readonly dialled: TLSSocket;
  close(): void;
}

export async function tlsPair(
  server: Issued,
  client?: Issued,
  serverOptions: TlsOptions = {},
  clientOptions: ConnectionOptions = {},
): Promise<TlsPair> {
  const listener = createServer({
    cert: server.certificatePem,
    key: server.privateKeyPem,
    requestCert: true,
    rejectUnauthorized: false,
    ...serverOptions,
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const accepting = once(listener, 'secureConnection');
  const dialled = connect({
    port: (listener.address() as AddressInfo).port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(client === undefined ? {} : { cert: client.certificatePem, key: client.privateKeyPem }),
    ...clientOptions,
  });
  dialled.on('error', () => undefined);
  const [accepted] = (await accepting) as [TLSSocket];
  accepted.on('error', () => undefined);
  listener.close();
  return {
    accepted,
    dialled,
    close: () => {
      accepted.destroy();
      dialled.destroy();
    },
  };
}
