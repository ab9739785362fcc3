import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { SourceLimits } from '@sallyport/shared/net/source-limits.ts';
import type { Result } from '@sallyport/shared/result.ts';
import type { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import type { RefusedConnection } from '../audit/connection-records.ts';
import type { EdgeConfig } from '../bundle/edge-config.ts';
import type { ListenAddress } from '../bundle/proxy-config.ts';
import type { Source } from '../connections/doorstep.ts';
import { Listener, type ListenerEvents, servedName } from '../connections/listener.ts';
import { PlainListener, type PlainListenerEvents } from '../connections/plain-listener.ts';
import { workerShare } from '../connections/worker-share.ts';
import type { FlowFacts } from '../flows/flow.ts';
import type { Counters } from '../health/counters.ts';
import { type Identity, identifyClient, type NetworkIdentity } from '../identity/identity.ts';
import { identifyByNetwork, type NetworkFault } from '../identity/network-identity.ts';
import {
  identityShown,
  type OwnIdentities,
  type OwnIdentity,
  TICKET_KEYS_MS,
} from '../identity/own-identities.ts';
import { NO_PARTNERS } from '../identity/partner.ts';
import { peerChain } from '../identity/peer-chain.ts';
import type { RevocationOf } from '../identity/revocation-seam.ts';

export interface ReceptionOptions {
  readonly listen: readonly ListenAddress[];
  /** How many share the host's ports, and so its limits on connections. */
  readonly workers: number;
  readonly site: string;
  readonly cache: PathCache;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Counters;
  readonly revocationOf?: RevocationOf | undefined;
  /** Why nobody can be let in now, whoever it is. */
  readonly closedFor?: () => string | undefined;
  /** For the record. */
  readonly turnedAway: (connection: RefusedConnection) => void;
  /** Takes an identified partner in, or says why not. */
  readonly admit: (
    socket: Socket,
    identity: Identity,
    facts: Omit<FlowFacts, 'id'>,
  ) => Result<unknown, string>;
}

const SOURCES_MAX = 65_536;

/**
 * Where partners arrive: opens and closes the listeners once there is a configuration, and asks everyone who they are.
 *
 * A peer that is no partner is turned away before one byte of SIP is read. The peer learns nothing of
 * why; the operator's log has source and code, and never the text of a certificate.
 */
export class Reception implements ListenerEvents, PlainListenerEvents {
  readonly #options: ReceptionOptions;
  #listeners: readonly Listener[] = [];
  #plain: readonly PlainListener[] = [];
  #sources: SourceLimits | undefined;
  #config: EdgeConfig | undefined;
  /** What was shown until lately: handshakes that had begun then end with it. */
  #former: { readonly identities: OwnIdentities; readonly untilMs: number } | undefined;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** From now on this is how callers are judged; nobody is let in before `open`. */
  use(config: EdgeConfig): void {
    const before = this.#config;
    this.#config = config;
    const { clock, workers } = this.#options;
    const nowMs = clock.monotonicMs();
    const limits = { ...workerShare(config.limits, workers), sourcesMax: SOURCES_MAX };
    if (this.#sources === undefined) {
      this.#sources = new SourceLimits(limits, nowMs);
      this.#makeListeners(config, this.#sources);
    } else {
      this.#sources.adjust(limits, nowMs);
      this.#renew(before, config);
    }
  }

  /** Lets partners in; resolves with the ports, or with undefined where they were closed meanwhile. */
  async open(): Promise<readonly number[] | undefined> {
    const ports = await Promise.all([...this.#listeners, ...this.#plain].map((one) => one.open()));
    return ports.every((port) => port !== undefined) ? ports : undefined;
  }

  /** Accepts no more; who is in stays. It can be opened again. */
  close(): void {
    for (const listener of [...this.#listeners, ...this.#plain]) listener.close();
  }

  #makeListeners({ identities, limits }: EdgeConfig, sources: SourceLimits): void {
    const { clock, listen, site } = this.#options;
    const nowMs = () => clock.monotonicMs();
    const { handshakeTimeoutMs } = limits;
    const sessionIdContext = `sallyport ${site}`.slice(0, 32);
    this.#listeners = listen
      .filter(({ transport }) => transport !== 'tcp')
      .map((at) => {
        const options = { identities, handshakeTimeoutMs, sources, nowMs, sessionIdContext };
        return new Listener({ listen: at, ...options }, this);
      });
    clock.every(TICKET_KEYS_MS, () => this.#forgetSessions());
    const isKnown = (address: string) => this.#identifyPlain(address).ok;
    this.#plain = listen
      .filter(({ transport }) => transport === 'tcp')
      .map((at) => {
        const options = { headerTimeoutMs: handshakeTimeoutMs, sources, nowMs, isKnown };
        return new PlainListener({ listen: at, ...options }, this);
      });
  }

  /** Nothing is shown and nothing proven: the network decides at once. */
  arrivedPlain(socket: Socket, source: Source): void {
    const closedFor = this.#options.closedFor?.();
    if (closedFor !== undefined) return this.#turnAway(socket, source, closedFor);
    const identity = this.#identifyPlain(source.address);
    if (!identity.ok) return this.#turnAway(socket, source, identity.error);
    const facts = arrivalFacts(socket, source, this.#options.clock.wallMs());
    const admitted = this.#options.admit(socket, identity.value, facts);
    if (!admitted.ok) this.#turnAway(socket, source, admitted.error, identity.value);
  }

  handshaken(socket: TLSSocket, source: Source): void {
    const config = this.#config;
    if (config === undefined) return this.#turnAway(socket, source, 'no-configuration');
    const closedFor = this.#options.closedFor?.();
    if (closedFor !== undefined) return this.#turnAway(socket, source, closedFor);
    const { clock, cache, counters, revocationOf, admit } = this.#options;
    const resumed = socket.isSessionReused();
    counters.add(resumed ? 'handshakes-resumed' : 'handshakes-full');
    const identity = identifyClient(
      { table: config.partners, cache, revocationOf },
      { ...peerChain(socket), sourceAddress: source.address, resumed, atMs: clock.wallMs() },
    );
    if (!identity.ok) {
      // It shows no intermediates, and we no longer know them: the next handshake must be a full one.
      if (identity.error === 'identity-resumed-path-unknown') this.#forgetSessions();
      return this.#turnAway(socket, source, identity.error);
    }
    const shown = this.#shownOn(socket, config.identities);
    if (shown === undefined) {
      return this.#turnAway(socket, source, 'server-name-unknown', identity.value);
    }
    const admitted = admit(socket, identity.value, {
      ...arrivalFacts(socket, source, clock.wallMs()),
      ownIdentity: shown.name,
      ownKey: shown.key,
    });
    if (!admitted.ok) this.#turnAway(socket, source, admitted.error, identity.value);
  }

  refused(code: string, address: string, source?: Source): void {
    const { balancer, listener } = source ?? {};
    this.#refuse(code, { peer: source ?? { address }, balancer, listener });
  }

  checked(): void {
    this.#options.counters.add('port-checks');
  }

  #identifyPlain(address: string): Result<NetworkIdentity, NetworkFault> {
    return identifyByNetwork(this.#config?.partners ?? NO_PARTNERS, address);
  }

  /** Tickets end with the certificates and the trust they were given under; any other change leaves them good. */
  #renew(before: EdgeConfig | undefined, { identities, partners, limits }: EdgeConfig): void {
    if (before !== undefined && before.identities !== identities) {
      const untilMs = this.#options.clock.monotonicMs() + limits.handshakeTimeoutMs;
      this.#former = { identities: before.identities, untilMs };
      for (const listener of this.#listeners) listener.renew(identities);
    } else if (before?.partners.trustMark !== partners.trustMark) {
      this.#forgetSessions();
    }
  }

  /** Right after a change a handshake may have been made with what was shown before. */
  #shownOn(socket: TLSSocket, identities: OwnIdentities): OwnIdentity | undefined {
    const name = servedName(socket);
    const shown = identityShown(identities, name);
    const former = this.#former;
    if (former === undefined) return shown;
    if (this.#options.clock.monotonicMs() > former.untilMs) {
      this.#former = undefined;
      return shown;
    }
    const own = socket.getX509Certificate();
    const key = own?.publicKey.export({ type: 'spki', format: 'der' });
    if (key === undefined || hash('sha256', key, 'base64') === shown?.key) return shown;
    return identityShown(former.identities, name);
  }

  #forgetSessions(): void {
    for (const listener of this.#listeners) listener.forgetSessions();
  }

  /** `identity` is there where it was proven. */
  #turnAway(socket: Socket, source: Source, code: string, identity?: Identity): void {
    socket.on('error', () => undefined);
    // While the socket still knows its handshake.
    const { balancer, listener } = source;
    const partner = identity?.partner.id;
    this.#refuse(code, { peer: source, balancer, listener, partner, socket });
    socket.destroy();
  }

  #refuse(code: string, connection: Omit<RefusedConnection, 'direction' | 'code'>): void {
    this.#options.counters.add(`connection-refused:${code}`);
    const { peer, partner } = connection;
    const known = partner === undefined ? {} : { partner };
    this.#options.log.warn('connection-refused', { source: peer.address, ...known, code });
    this.#options.turnedAway({ direction: 'inbound', code, ...connection });
  }
}

function arrivalFacts(
  socket: Socket,
  { address, port, balancer, listener, advertised }: Source,
  openedAtMs: number,
): Omit<FlowFacts, 'id'> {
  return {
    direction: 'inbound',
    remoteAddress: address,
    remotePort: port,
    ...(balancer === undefined ? {} : { balancer }),
    localAddress: socket.localAddress ?? '',
    localPort: socket.localPort ?? 0,
    listener,
    ...(advertised === undefined ? {} : { advertised }),
    openedAtMs,
    nextHop: undefined,
  };
}
