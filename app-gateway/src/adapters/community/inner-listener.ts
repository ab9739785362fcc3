import {
  createSecureContext,
  createServer,
  type Server,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
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

const HANDSHAKE_TIMEOUT_MS = 5000;
const CONNECTIONS_MAX = 1024;

/** Takes connections that inner servers open to us; mutual TLS, each judged by its own community's authority. */
export class InnerListener {
  readonly #refused: (address: string, reason: string) => void;
  readonly #traffic: CommunityTraffic;
  readonly #index: MessageIndex;
  readonly #port = new ListeningPort<Server>();
  readonly #connections = new Set<CommunityConnection>();
  #identity: OwnCertificate | undefined;
  #communities: readonly KnownCommunity[] = [];

  constructor(
    refused: (address: string, reason: string) => void,
    traffic: CommunityTraffic,
    index: MessageIndex,
  ) {
    this.#refused = refused;
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
      this.#refused(socket.remoteAddress ?? '', cause.code ?? 'handshake-failed');
    });
    return server;
  }

  #accept(socket: TLSSocket): void {
    let refused: string = 'community-unknown';
    socket.on('error', () => socket.destroy());
    for (const { id, anchors, names } of this.#communities) {
      const fault = communityPeerFault(socket, anchors, names, 'client', Date.now());
      if (fault === undefined) {
        const remote = `${socket.remoteAddress}:${socket.remotePort}`;
        const connection = new CommunityConnection(socket, id, remote, this.#traffic, this.#index);
        this.#connections.add(connection);
        socket.once('close', () => this.#connections.delete(connection));
        return;
      }
      refused = fault;
    }
    this.#refused(socket.remoteAddress ?? '', refused);
    socket.destroy();
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
