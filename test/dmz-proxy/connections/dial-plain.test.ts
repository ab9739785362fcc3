import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { dialPlain } from '@sallyport/dmz-proxy/connections/dial-plain.ts';
import { assertKeptAlive } from '../keep-alive-timer.ts';

describe('a plain connection to a partner', () => {
  it('is handed over once it is there', async () => {
    const server = createServer((socket) => socket.write('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const dialled = await dialPlain(
      { address: '127.0.0.1', port },
      5000,
      new AbortController().signal,
    );
    assert.ok(dialled.ok);
    const [chunk] = (await once(dialled.value.socket, 'data')) as [Buffer];
    assert.equal(chunk.toString(), 'hello');
    await assertKeptAlive(dialled.value.socket);
    dialled.value.socket.destroy();
    server.close();
  });

  it('fails where nobody listens', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const { signal } = new AbortController();
    const dialled = await dialPlain({ address: '127.0.0.1', port }, 5000, signal);
    assert.deepEqual(dialled, { ok: false, error: 'connect' });
  });

  it('is not made for a partner that is gone', async () => {
    const gone = AbortSignal.abort();
    const dialled = await dialPlain({ address: '127.0.0.1', port: 1 }, 5000, gone);
    assert.deepEqual(dialled, { ok: false, error: 'no-target' });
  });
});
