import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import type { OwnCertificate } from '../../config/site.ts';
import { CommunityConnection, type CommunityTraffic } from './community-connection.ts';
import { communityPeerFault } from './community-trust.ts';
import { GROUPS } from './host-link.ts';

/** A community as the listener tells its servers: by their authority and their names. */
export interface KnownCommunity {
  readonly id: string;
  readonly anchors: readonly Certificate[];
  readonly names: readonly string[];
}

export interface InnerListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: OwnCertificate;
  readonly refused: (address: string, reason: string) => void;
}

const HANDSHAKE_TIMEOUT_MS = 5000;
const CONNECTIONS_MAX = 1024;

/** Takes connections that inner servers open to us; mutual TLS, each judged by its own community's authority. */
export class InnerListener {
  readonly #options: InnerListenerOptions;
  readonly #traffic: CommunityTraffic;
  readonly #index: MessageIndex;
  readonly #server: Server;
  readonly #connections = new Set<CommunityConnection>();
  #communities: readonly KnownCommunity[];

  constructor(
    options: InnerListenerOptions,
    communities: readonly KnownCommunity[],
    traffic: CommunityTraffic,
    index: MessageIndex,
  ) {
    this.#options = options;
    this.#communities = communities;
    this.#index = index;
    this.#traffic = {
      request: (request, from) => traffic.request(request, from),
      response: (response, from) => traffic.response(response, from),
      inPlaceOf: (gone) => traffic.inPlaceOf(gone),
      lost: (connection) => {
        this.#connections.delete(connection);
        traffic.lost(connection);
      },
    };
    this.#server = createServer({
      cert: options.identity.chainPem,
      key: options.identity.keyPem,
      ca: [],
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ecdhCurve: GROUPS,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.on('secureConnection', (socket) => this.#accept(socket));
    this.#server.on('tlsClientError', (cause: NodeJS.ErrnoException, socket) => {
      options.refused(socket.remoteAddress ?? '', cause.code ?? 'handshake-failed');
    });
  }

  /** Resolves with the port that was bound. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  replaceCommunities(communities: readonly KnownCommunity[]): void {
    this.#communities = communities;
  }

  /** Takes no more connections; those there are still carry answers. */
  stopListening(): void {
    this.#server.close();
  }

  /** Ends every connection. */
  close(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.close();
  }

  #accept(socket: TLSSocket): void {
    let refused: string = 'community-unknown';
    socket.on('error', () => socket.destroy());
    for (const { id, anchors, names } of this.#communities) {
      const fault = communityPeerFault(socket, anchors, names, 'client', Date.now());
      if (fault === undefined) {
        const remote = `${socket.remoteAddress}:${socket.remotePort}`;
        this.#connections.add(
          new CommunityConnection(socket, id, remote, this.#traffic, this.#index),
        );
        return;
      }
      refused = fault;
    }
    this.#options.refused(socket.remoteAddress ?? '', refused);
    socket.destroy();
  }
}
