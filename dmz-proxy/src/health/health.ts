import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http } from './node-http.ts';

/** Why a worker can serve nobody new. */
export type DownReason =
  | 'no-snapshot'
  | 'no-gateway'
  | 'draining'
  | 'audit-full'
  /** All is well, but the ports are not open (yet). */
  | 'no-listener';

/** What a load balancer is told. */
export type Health =
  /** `worker`: this one cannot, but another of the host can. */
  | { readonly status: 'up'; readonly worker?: DownReason }
  | { readonly status: 'down'; readonly reason: DownReason };

/** The host is up as long as any of its workers is: the kernel leads partners to those alone. */
export function hostHealth(obstacle: DownReason | undefined, isAnyoneFit: boolean): Health {
  if (obstacle === undefined) return { status: 'up' };
  return isAnyoneFit ? { status: 'up', worker: obstacle } : { status: 'down', reason: obstacle };
}

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  readonly health: () => Health;
  readonly counters: () => Readonly<Record<string, number>>;
}

const REQUEST_TIMEOUT_MS = 5000;
/** Node looks only so often for connections whose time is over; by itself twice a minute. */
const LOOK_MS = 1000;
const CONNECTIONS_MAX = 64;

/**
 * Answers `GET /health` with 200 or 503, and `GET /metrics` with counters as JSON; nothing else.
 *
 * For the inside of the DMZ only: it says neither who the partners are nor what they send.
 */
export class HealthServer {
  readonly #options: HealthOptions;
  readonly #server: Server;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#server = http.createServer(
      {
        headersTimeout: REQUEST_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: LOOK_MS,
        maxHeaderSize: 8192,
      },
      (request, response) => {
        const [status, body] = this.#answer(request.method ?? '', request.url ?? '');
        response.writeHead(status, {
          'content-type': 'application/json',
          'cache-control': 'no-store',
        });
        response.end(request.method === 'HEAD' ? '' : `${JSON.stringify(body)}\n`);
      },
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** Resolves with the port. All workers share it, so a probe may reach any of them. */
  open(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, reusePort: true }, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(method: string, url: string): readonly [status: number, body: object] {
    if (method !== 'GET' && method !== 'HEAD') return [405, { error: 'method not allowed' }];
    if (url === '/health') {
      const health = this.#options.health();
      return [health.status === 'up' ? 200 : 503, health];
    }
    if (url === '/metrics') return [200, this.#options.counters()];
    return [404, { error: 'not found' }];
  }
}
