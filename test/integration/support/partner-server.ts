import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Issued } from '@sallyport/certs/authority.ts';
import { PartnerClient } from './partner-client.ts';

/** A partner's SIP server. */
export interface PartnerServer {
  readonly port: number;
  /** Who connected, with what they sent. */
  readonly calls: readonly PartnerClient[];
  close(): void;
}

/** A partner's SIP server with this certificate, on a port of loopback. */
export async function partnerServer(identity: Issued): Promise<PartnerServer> {
  const calls: PartnerClient[] = [];
  const server = createServer({
    cert: identity.certificatePem,
    key: identity.privateKeyPem,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('secureConnection', (socket: TLSSocket) => calls.push(new PartnerClient(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    calls,
    close: () => {
      for (const call of calls) call.end();
      server.close();
    },
  };
}
