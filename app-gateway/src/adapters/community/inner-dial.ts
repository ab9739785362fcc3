import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import type { OwnCertificate } from '../../config/site.ts';
import { communityPeerFault } from './community-trust.ts';

/** Where an inner server is, who it must be, and what we show it. */
export interface InnerPlace {
  readonly host: string;
  readonly port: number;
  /** Name that its certificate must cover. */
  readonly serverName: string;
  readonly anchors: readonly Certificate[];
  readonly identity: OwnCertificate;
}

/** Whoever knows a place as the site has it now. */
export interface Placed {
  readonly place: InnerPlace;
}

/** What becomes of a dial. */
export interface Dialling {
  /** TLS stands, and the server is who it should be. */
  opened(dial: InnerDial): void;
  /** It is over, however far it came; once. */
  ended(dial: InnerDial): void;
}

const CONNECT_TIMEOUT_MS = 5000;
export const GROUPS = 'X25519MLKEM768:X25519:P-256:P-384';

/** One connection that we make to an inner server, from its dial to its end. */
export class InnerDial {
  readonly socket: TLSSocket;
  readonly #placed: Placed;
  #fault = 'connect-failed';

  constructor(placed: Placed, dialling: Dialling) {
    const { host, port, serverName, identity } = placed.place;
    this.#placed = placed;
    this.socket = connect({
      host,
      port,
      cert: identity.chainPem,
      key: identity.keyPem,
      ca: [],
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ecdhCurve: GROUPS,
      ...(isIP(serverName) === 0 && { servername: serverName }),
    });
    const timeout = setTimeout(() => this.giveUp('connect-timeout'), CONNECT_TIMEOUT_MS);
    this.socket.on('error', (cause: NodeJS.ErrnoException) => {
      this.#fault = cause.code ?? this.#fault;
    });
    this.socket.once('secureConnect', () => {
      clearTimeout(timeout);
      this.#fault = 'closed';
      if (this.judge()) dialling.opened(this);
    });
    this.socket.once('close', () => {
      clearTimeout(timeout);
      dialling.ended(this);
    });
  }

  /** Why it ended. */
  get fault(): string {
    return this.#fault;
  }

  giveUp(fault: string): void {
    this.#fault = fault;
    this.socket.destroy();
  }

  /** Whether the server is who it should be there; a connection with any other ends. */
  judge(): boolean {
    const { anchors, serverName } = this.#placed.place;
    const refused = communityPeerFault(this.socket, anchors, [serverName], 'server', Date.now());
    if (refused !== undefined) this.giveUp(refused);
    return refused === undefined;
  }
}
