import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { healthServer } from '@sallyport/app-gateway/gateway/health.ts';

describe('the health port', () => {
  const rows = [
    ['/health', 'GET', true, 200, 'up'],
    ['/health', 'GET', false, 503, 'down'],
    ['/', 'GET', true, 404, undefined],
    ['/health', 'POST', true, 404, undefined],
    ['/metrics', 'POST', true, 404, undefined],
  ] as const;
  for (const [path, method, isUp, status, word] of rows) {
    it(`${method} ${path} while ${isUp ? 'up' : 'down'} → ${status}`, async () => {
      const server = serverThat(isUp);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      const facts = JSON.parse(await response.text()) as Record<string, unknown>;
      server.close();
      server.closeAllConnections();
      assert.equal(response.status, status);
      assert.deepEqual(facts, word === undefined ? {} : { status: word, channels: 2 });
    });
  }

  it('GET /metrics, up or down → numbers as text', async () => {
    const server = serverThat(false);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await response.text();
    server.close();
    server.closeAllConnections();
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.equal(text, 'calls 3\n');
  });

  it('is held neither by who says nothing nor by who does not end its request', {
    timeout: 15_000,
  }, async () => {
    const server = serverThat(true);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const isLetGo = async (sent: string) => {
      const socket = connect(port, '127.0.0.1').resume();
      socket.on('error', () => undefined);
      socket.write(sent);
      await once(socket, 'close');
    };
    await Promise.all(['', 'GET /health HTTP/1.1\r\nHost: '].map(isLetGo));
    server.close();
  });
});

function serverThat(isUp: boolean): Server {
  return healthServer(
    () => ({ isUp, facts: { channels: 2 } }),
    () => 'calls 3\n',
  );
}
