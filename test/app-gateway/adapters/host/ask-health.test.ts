import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { askHealth } from '@sallyport/app-gateway/adapters/host/ask-health.ts';

async function asked(listener: RequestListener, host = '127.0.0.1') {
  const server: Server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await askHealth({ host, port });
  server.closeAllConnections();
  server.close();
  return { answer, port };
}

describe('the health port of a program', () => {
  it('says how it is, and its numbers', async () => {
    const { answer } = await asked(({ url }, response) => {
      response.statusCode = url === '/health' ? 503 : 200;
      response.end(url === '/health' ? '{"status":"down"}' : '{"flows":1}');
    });
    assert.deepEqual(answer, { status: 503, text: '{"status":"down"}', metrics: '{"flows":1}' });
  });

  it('on every address it is asked on loopback', async () => {
    const { answer } = await asked((_, response) => response.end('x'), '0.0.0.0');
    assert.equal(answer.status, 200);
  });

  it('is down when nobody answers, or hangs up', async () => {
    const { answer, port } = await asked((request) => request.socket.destroy());
    assert.equal(answer.status, 0);
    assert.equal((await askHealth({ host: '127.0.0.1', port })).status, 0);
  });
});
