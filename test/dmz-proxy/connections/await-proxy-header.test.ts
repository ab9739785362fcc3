import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  awaitProxyHeader,
  type ProxyHeaderEnd,
} from '@sallyport/dmz-proxy/connections/await-proxy-header.ts';

describe('the header of a balancer', () => {
  const server = createServer();
  let port = 0;
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => server.close());

  async function pair(): Promise<{ client: Socket; accepted: Socket }> {
    const connected = once(server, 'connection');
    const client = connect(port, '127.0.0.1');
    const [accepted] = (await connected) as [Socket];
    return { client, accepted };
  }

  it('is taken off byte by byte, and what follows is left in the socket', async () => {
    const { client, accepted } = await pair();
    client.setNoDelay(true);
    const heard = new Promise<ProxyHeaderEnd>((resolve) => {
      awaitProxyHeader(accepted, 5000, resolve);
    });
    for (const byte of 'PROXY TCP4 192.0.2.1 192.0.2.2 4000 5061\r\n') client.write(byte);
    client.write('TLS');
    assert.deepEqual(await heard, { ok: true, value: { address: '192.0.2.1', port: 4000 } });
    accepted.setEncoding('latin1');
    let rest = '';
    for await (const chunk of accepted) {
      rest += String(chunk);
      if (rest === 'TLS') break;
    }
    assert.equal(rest, 'TLS');
    client.destroy();
  });

  for (const [what, sent, expected] of [
    ['that says LOCAL', 'PROXY UNKNOWN\r\n', { ok: true, value: 'local' }],
    ['that is none', 'GET / HTTP/1.1\r\n', { ok: false, error: 'proxy-protocol-signature' }],
  ] as const) {
    it(`${what} is told`, async () => {
      const { client, accepted } = await pair();
      const heard = new Promise((resolve) => {
        awaitProxyHeader(accepted, 5000, resolve);
      });
      client.write(sent);
      assert.deepEqual(await heard, expected);
      client.destroy();
      accepted.destroy();
    });
  }

  it('that does not come in time is given up', async () => {
    const { client, accepted } = await pair();
    const heard = new Promise((resolve) => {
      awaitProxyHeader(accepted, 1, resolve);
    });
    assert.deepEqual(await heard, { ok: false, error: 'proxy-protocol-timeout' });
    client.destroy();
    accepted.destroy();
  });
});
