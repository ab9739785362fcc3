import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { ListeningPort } from '@sallyport/app-gateway/adapters/listening-port.ts';
import { freePort } from '../../peers/support/free-port.ts';

const HOST = '127.0.0.1';

async function dialled(port: number): Promise<Socket> {
  const socket = connect({ host: HOST, port });
  await once(socket, 'connect');
  return socket;
}

/** A server that greets with its name. */
const named = (name: string) => () =>
  createServer((socket) => socket.on('error', () => undefined).write(name));

describe('a port that may be moved', { timeout: 10_000 }, () => {
  it('opens the new one before it closes the old, and keeps the connections of both', async () => {
    const port = new ListeningPort();
    assert.equal(port.port, 0);
    (await port.prepare({ host: HOST, port: 0 }, named('old'))).take();
    const oldPort = port.port;
    const early = await dialled(oldPort);
    const change = await port.prepare({ host: HOST, port: await freePort(HOST) }, named('new'));
    const between = await dialled(oldPort);
    change.take();
    assert.notEqual(port.port, oldPort);
    await assert.rejects(dialled(oldPort), { code: 'ECONNREFUSED' });
    const late = await dialled(port.port);
    const greetings = await Promise.all([early, between, late].map((one) => once(one, 'data')));
    assert.deepEqual(greetings.map(String), ['old', 'old', 'new']);
    for (const socket of [early, between, late]) {
      assert.equal(socket.destroyed, false);
      socket.destroy();
    }
    port.close();
  });

  it('leaves an unchanged place alone', async () => {
    const port = new ListeningPort();
    (await port.prepare({ host: HOST, port: 0 }, named('old'))).take();
    const { server } = port;
    const change = await port.prepare({ host: HOST, port: 0 }, () => assert.fail('made another'));
    change.take();
    assert.equal(port.server, server);
    port.close();
  });

  it('says why a port cannot be opened, and keeps the old one', async () => {
    const port = new ListeningPort();
    (await port.prepare({ host: HOST, port: 0 }, named('old'))).take();
    const taken = createServer().listen(0, HOST);
    await once(taken, 'listening');
    const { port: number } = taken.address() as { port: number };
    await assert.rejects(port.prepare({ host: HOST, port: number }, named('new')), {
      code: 'EADDRINUSE',
    });
    (await dialled(port.port)).destroy();
    taken.close();
    port.close();
  });

  it('closes what was made ready in vain', async () => {
    const port = new ListeningPort();
    (await port.prepare({ host: HOST, port: 0 }, named('old'))).take();
    const number = await freePort(HOST);
    (await port.prepare({ host: HOST, port: number }, named('new'))).discard();
    await assert.rejects(dialled(number), { code: 'ECONNREFUSED' });
    (await dialled(port.port)).destroy();
    port.close();
  });
});
