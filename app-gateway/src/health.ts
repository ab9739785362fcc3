import { createServer, type Server } from 'node:http';

/** What the health port tells, taken at the moment of asking. */
export interface Health {
  readonly isUp: boolean;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

const REQUEST_TIMEOUT_MS = 2000;
const CONNECTIONS_MAX = 64;

/** A tiny port for balancers and monitors: 200 while the gateway can serve, else 503, facts as JSON. */
export function healthServer(health: () => Health): Server {
  const server = createServer((request, response) => {
    const { isUp, facts } = health();
    const isKnown = request.method === 'GET' && request.url === '/health';
    response.writeHead(isKnown ? (isUp ? 200 : 503) : 404, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify({ status: isUp ? 'up' : 'down', ...facts })}\n`);
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}
