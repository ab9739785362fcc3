import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { normalizeAddress } from '@sallyport/shared/net/address.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { SourceLimits } from '@sallyport/shared/net/source-limits.ts';
import type { ListenAddress } from '../bundle/proxy-config.ts';
import { awaitFirstBytes } from './await-first-bytes.ts';
import { awaitProxyHeader } from './await-proxy-header.ts';
import { KEEP_ALIVE } from './keep-alive.ts';

/** One end of a connection. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Where a connection really comes from. */
export interface Source extends Endpoint {
  /** `address:port` of the listener it came to. */
  readonly listener: string;
  /** `host:port` by which partners know that listener, where that is a name of its own. */
  readonly advertised?: string;
  /** Who passed it on, and said so. */
  readonly balancer?: Endpoint;
}

/**
 * What is done with a connection of a balancer, or of this very host, that may only look whether the port is open.
 *
 * `await-bytes`: nothing, until it sends something. `dismiss`: it is closed, and whether it sent anything says what it was.
 */
export type CheckHandling = 'admit' | 'await-bytes' | 'dismiss';

export interface DoorstepOptions {
  readonly listen: ListenAddress;
  /** For a PROXY header, and for first bytes where they are awaited. */
  readonly timeoutMs: number;
  /** Shared by all listeners of the worker. */
  readonly sources: SourceLimits;
  readonly nowMs: () => number;
  readonly handlingOf: (address: string) => CheckHandling;
}

/** What a doorstep tells its owner. */
export interface DoorstepEvents {
  /** A connection within its limits, not read from yet. */
  arrived(raw: Socket, source: Source): void;
  /** Turned away; the code is counted and logged. The address alone where no more is known. */
  refused(code: string, address: string, source?: Source): void;
  /** Somebody looked whether the port is open, and sent nothing. */
  checked(): void;
}

const BACKLOG = 4096;
/** Connections at once of which nothing is known yet: no header, or not one byte. */
const WAITING_MAX = 1024;
const LOOPBACK = NetworkSet.parse(['127.0.0.0/8', '::1/128']);

/**
 * Where connections come in, before a byte of TLS or SIP: the PROXY header of balancers, and limits by source.
 *
 * It opens and closes as often as it is told to; connections that have arrived do not notice. Whoever only looks whether
 * the port is open costs no limit and no record, as long as it is a balancer or this host.
 */
export class Doorstep {
  readonly #options: DoorstepOptions;
  readonly #events: DoorstepEvents;
  readonly #balancers: NetworkSet;
  readonly #checkers: NetworkSet;
  readonly #advertised: Pick<Source, 'advertised'>;
  #listener: string;
  readonly #waiting = new Set<Socket>();
  #accepting: Server | undefined;
  /** The one it had before, where the system chose it. */
  #port: number;

  constructor(options: DoorstepOptions, events: DoorstepEvents) {
    this.#options = options;
    this.#events = events;
    const { proxyProtocolFrom, checksFrom = [], advertise, host, port } = options.listen;
    this.#balancers = networkSet(proxyProtocolFrom);
    this.#checkers = networkSet(checksFrom);
    this.#advertised =
      advertise === undefined ? {} : { advertised: hostPort(advertise.host, advertise.port) };
    this.#port = port;
    this.#listener = hostPort(host, port);
  }

  /** Resolves with the port once it is open, or with undefined when it was closed meanwhile. */
  open(): Promise<number | undefined> {
    const accepting = createServer({ noDelay: true, ...KEEP_ALIVE });
    this.#accepting?.close();
    this.#accepting = accepting;
    accepting.on('connection', (raw) => this.#accept(raw));
    const { host } = this.#options.listen;
    return new Promise((resolve, reject) => {
      accepting.once('error', reject);
      // Every worker listens on the same address; the kernel spreads connections over them.
      const point = { host, port: this.#port, reusePort: true, backlog: BACKLOG };
      accepting.listen(point, () => {
        accepting.off('error', reject);
        if (this.#accepting !== accepting) {
          accepting.close();
          return resolve(undefined);
        }
        this.#port = (accepting.address() as AddressInfo).port;
        this.#listener = hostPort(host, this.#port);
        resolve(this.#port);
      });
    });
  }

  /** Accepts no more; connections that have arrived stay. */
  close(): void {
    const accepting = this.#accepting;
    this.#accepting = undefined;
    // Before it listens it cannot be closed: it closes itself as soon as it does.
    if (accepting?.listening) accepting.close();
    for (const raw of this.#waiting) raw.destroy();
  }

  #accept(raw: Socket): void {
    raw.on('error', () => undefined);
    const address = normalizeAddress(raw.remoteAddress ?? '');
    const port = raw.remotePort;
    if (address === undefined || port === undefined) {
      raw.destroy();
      return;
    }
    const peer = { address, port, listener: this.#listener, ...this.#advertised };
    if (this.#balancers.contains(address)) this.#awaitHeader(raw, peer);
    else if (this.#isChecker(address)) this.#receive(raw, peer);
    else this.#admit(raw, peer);
  }

  #awaitHeader(raw: Socket, peer: Source): void {
    if (!this.#mayWait(raw, peer)) return;
    const { address, port, ...reached } = peer;
    awaitProxyHeader(raw, this.#options.timeoutMs, (header) => {
      this.#waiting.delete(raw);
      if (header === 'silent') this.#events.checked();
      else if (!header.ok) this.#turnAway(raw, header.error, peer);
      else if (header.value === 'local') this.#receive(raw, peer);
      else this.#admit(raw, { ...header.value, ...reached, balancer: { address, port } });
    });
  }

  /** A balancer for itself, or this host: it may only look whether somebody listens. */
  #receive(raw: Socket, peer: Source): void {
    const handling = this.#options.handlingOf(peer.address);
    if (handling === 'admit') return this.#admit(raw, peer);
    if (!this.#mayWait(raw, peer)) return;
    if (handling === 'dismiss') raw.end();
    awaitFirstBytes(raw, this.#options.timeoutMs, (end) => {
      this.#waiting.delete(raw);
      if (end === 'bytes') this.#admit(raw, peer);
      else if (end === 'closed' || handling === 'dismiss') {
        raw.destroy();
        this.#events.checked();
      } else this.#turnAway(raw, 'handshake:ERR_TLS_HANDSHAKE_TIMEOUT', peer);
    });
  }

  #admit(raw: Socket, source: Source): void {
    const { sources, nowMs } = this.#options;
    const lease = sources.admit(source.address, nowMs());
    if (!lease.ok) return this.#turnAway(raw, lease.error, source);
    raw.once('close', () => sources.release(lease.value));
    this.#events.arrived(raw, source);
  }

  #mayWait(raw: Socket, peer: Source): boolean {
    if (this.#waiting.size >= WAITING_MAX) {
      this.#turnAway(raw, 'handshakes-max', peer);
      return false;
    }
    this.#waiting.add(raw);
    raw.once('close', () => this.#waiting.delete(raw));
    return true;
  }

  #isChecker(address: string): boolean {
    return this.#checkers.contains(address) || (LOOPBACK.ok && LOOPBACK.value.contains(address));
  }

  #turnAway(raw: Socket, code: string, source: Source): void {
    raw.destroy();
    this.#events.refused(code, source.address, source);
  }
}

function networkSet(networks: readonly string[]): NetworkSet {
  const parsed = NetworkSet.parse(networks);
  return parsed.ok ? parsed.value : new NetworkSet([]);
}
