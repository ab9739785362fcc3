import {
  createSecureContext,
  createServer,
  type Server,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import type { OwnCertificate } from '../../config/site.ts';
import type { PreparedChange } from '../../ports/prepared-change.ts';
import { ListeningPort, type Place } from '../listening-port.ts';
import { CommunityConnection, type CommunityTraffic } from './community-connection.ts';
import { communityPeerFault } from './community-trust.ts';
import { GROUPS } from './inner-dial.ts';

/** A community as the listener tells its servers: by their authority and their names. */
export interface KnownCommunity {
  readonly id: string;
  readonly anchors: readonly Certificate[];
  readonly names: readonly string[];
}

/** Where the listener listens and what it shows; a reload may change all of it. */
export interface InnerSettings extends Place {
  readonly identity: OwnCertificate;
  readonly communities: readonly KnownCommunity[];
}

/** What is told of connections that inner servers open. */
export interface InnerTold {
  /** Whoever came is no inner server that we know. */
  readonly refused: (address: string, reason: string) => void;
  /** One of a community came to another end than that its server closed it. */
  readonly lost: (address: string, community: string, reason: string) => void;
}

/** Tells it in the log. */
export function innerToldIn(log: Logger): InnerTold {
  return {
    refused: (address, reason) => log.warn('inner-connection-refused', { address, reason }),
    lost: (address, community, reason) =>
      log.warn('inner-connection-lost', { address, community, reason }),
  };
}

const HANDSHAKE_TIMEOUT_MS = 5000;
const CONNECTIONS_MAX = 1024;

/** Takes connections that inner servers open to us; mutual TLS, each judged by its own community's authority. */
export class InnerListener {
  readonly #told: InnerTold;
  readonly #traffic: CommunityTraffic;
  readonly #index: MessageIndex;
  readonly #port = new ListeningPort<Server>();
  readonly #connections = new Set<CommunityConnection>();
  #identity: OwnCertificate | undefined;
  #communities: readonly KnownCommunity[] = [];

  constructor(told: InnerTold, traffic: CommunityTraffic, index: MessageIndex) {
    this.#told = told;
    this.#index = index;
    this.#traffic = traffic;
  }

  /** The port that is bound. */
  get port(): number {
    return this.#port.port;
  }

  /**
   * Makes new settings ready: rejects when the port cannot be opened or the key does not fit.
   *
   * Once taken, new connections are met by them; those there are live on.
   */
  async prepare(settings: InnerSettings): Promise<PreparedChange> {
    const { identity, communities } = settings;
    const shown = tlsOptions(identity);
    createSecureContext(shown);
    const port = await this.#port.prepare(settings, () => this.#serverShowing(shown));
    return {
      take: () => {
        port.take();
        this.#communities = communities;
        // What does not change is left alone: a new context would end every session that could be resumed.
        if (!isSame(identity, this.#identity)) this.#port.server?.setSecureContext(shown);
        this.#identity = identity;
      },
      discard: () => port.discard(),
    };
  }

  /** Takes no more connections; those there are still carry answers. */
  stopListening(): void {
    this.#port.close();
  }

  /** Ends every connection. */
  close(): void {
    this.#port.close();
    for (const connection of this.#connections) connection.close();
  }

  #serverShowing(shown: TlsOptions): Server {
    const server = createServer({
      ...shown,
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    server.maxConnections = CONNECTIONS_MAX;
    server.on('secureConnection', (socket) => this.#accept(socket));
    server.on('tlsClientError', (cause: NodeJS.ErrnoException, socket) => {
      this.#told.refused(socket.remoteAddress ?? '', cause.code ?? 'handshake-failed');
    });
    return server;
  }

  #accept(socket: TLSSocket): void {
    let refused: string = 'community-unknown';
    for (const { id, anchors, names } of this.#communities) {
      const fault = communityPeerFault(socket, anchors, names, 'client', Date.now());
      if (fault === undefined) return this.#connected(socket, id);
      refused = fault;
    }
    this.#told.refused(socket.remoteAddress ?? '', refused);
    socket.on('error', () => undefined);
    socket.destroy();
  }

  #connected(socket: TLSSocket, community: string): void {
    const { remoteAddress: address = '', remotePort } = socket;
    const host = { community, key: `${address}:${remotePort}`, share: { held: 0, bytes: 0 } };
    const connection = new CommunityConnection(socket, host, this.#traffic, this.#index);
    this.#connections.add(connection);
    socket.once('error', ({ code = 'closed' }: NodeJS.ErrnoException) => {
      this.#told.lost(address, community, code);
    });
    socket.once('close', () => this.#connections.delete(connection));
  }
}

function tlsOptions(identity: OwnCertificate) {
  return {
    cert: identity.chainPem,
    key: identity.keyPem,
    ca: [] as string[],
    minVersion: 'TLSv1.2' as const,
    ecdhCurve: GROUPS,
  };
}

function isSame(a: OwnCertificate, b: OwnCertificate | undefined): boolean {
  return a.chainPem === b?.chainPem && a.keyPem === b.keyPem;
}
