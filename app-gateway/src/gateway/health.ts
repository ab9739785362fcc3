import type { Server } from 'node:http';
import { http } from '../adapters/host/node-http.ts';

/** What the health port tells, taken at the moment of asking. */
export interface Health {
  readonly isUp: boolean;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const TEXT_TYPE = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
const REQUEST_TIMEOUT_MS = 2000;
/** Node looks only so often for connections whose time is over; by itself twice a minute. */
const LOOK_MS = 1000;
const CONNECTIONS_MAX = 64;

/**
 * A tiny port for balancers and monitors.
 *
 * `/health` answers 200 while the gateway can serve, else 503, with facts as JSON; `/metrics` numbers to be scraped.
 */
export function healthServer(health: () => Health, metrics: () => string): Server {
  const options = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: LOOK_MS,
  };
  const server = http.createServer(options, (request, response) => {
    if (request.method === 'GET' && request.url === '/metrics') {
      response.writeHead(200, TEXT_TYPE);
      response.end(metrics());
      return;
    }
    if (request.method !== 'GET' || request.url !== '/health') {
      response.writeHead(404, JSON_TYPE);
      response.end('{}\n');
      return;
    }
    const { isUp, facts } = health();
    response.writeHead(isUp ? 200 : 503, JSON_TYPE);
    response.end(`${JSON.stringify({ status: isUp ? 'up' : 'down', ...facts })}\n`);
  });
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}
