import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Health, HealthServer } from '@sallyport/dmz-proxy/health/health.ts';

describe('the health port', () => {
  let health: Health = { status: 'down', reason: 'no-snapshot' };
  const server = new HealthServer({
    host: '127.0.0.1',
    port: 0,
    health: () => health,
    counters: () => ({ requests: 3 }),
  });
  let port = 0;
  before(async () => {
    port = await server.open();
  });
  after(() => server.close());
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return [response.status, await response.text()];
  };

  it('says 503 and why while down, 200 while up', async () => {
    assert.deepEqual(await ask('/health'), [503, '{"status":"down","reason":"no-snapshot"}\n']);
    health = { status: 'up' };
    assert.deepEqual(await ask('/health'), [200, '{"status":"up"}\n']);
    assert.deepEqual(await ask('/health', 'HEAD'), [200, '']);
  });

  it('gives counters, and nothing else', async () => {
    assert.deepEqual(await ask('/metrics'), [200, '{"requests":3}\n']);
    assert.equal((await ask('/'))[0], 404);
    assert.equal((await ask('/health', 'POST'))[0], 405);
  });

  it('is held neither by who says nothing nor by who does not end its request', {
    timeout: 15_000,
  }, async () => {
    const isLetGo = async (sent: string) => {
      const socket = connect(port, '127.0.0.1').resume();
      socket.on('error', () => undefined);
      socket.write(sent);
      await once(socket, 'close');
    };
    await Promise.all(['', 'GET /health HTTP/1.1\r\nHost: '].map(isLetGo));
  });
});
