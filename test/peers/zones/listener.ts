import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { Line } from '../../integration/support/pair-line.ts';
import { answerText } from '../../integration/support/pair-message.ts';

/**
 * A program for a namespace: a partner's server. It answers every request with 200 and says each, with the address
 * that it came from, as a line of JSON.
 */
export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly chain: string;
  readonly key: string;
}

const wishes = JSON.parse(process.argv[2] ?? '') as Listener;
const server = createServer(
  {
    cert: readFileSync(wishes.chain),
    key: readFileSync(wishes.key),
    requestCert: true,
    rejectUnauthorized: false,
  },
  (socket) => {
    const line = new Line(socket);
    line.answer = (request) => {
      const { method, callId } = request;
      const from = socket.remoteAddress;
      process.stdout.write(`${JSON.stringify({ method, callId, from })}\n`);
      return method === 'ACK' ? undefined : answerText(request, '200 OK');
    };
  },
);
server.on('tlsClientError', () => undefined);
server.listen(wishes.port, wishes.host, () => process.stdout.write('ready\n'));
