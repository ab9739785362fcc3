import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { tryTarget } from '@sallyport/app-gateway/adapters/host/try-target.ts';

const LONG_MS = 10_000;
/** Nothing is waited for but the time itself. */
const SHORT_MS = 20;
const address = '127.0.0.1';

const server = createServer((socket) => socket.on('error', () => undefined));
server.listen(0, address);
await once(server, 'listening');
const tcp = (server.address() as AddressInfo).port;
const answering = createSocket('udp4', (question, peer) => {
  answering.send(question, peer.port, peer.address);
});
const mute = createSocket('udp4');
for (const socket of [answering, mute]) {
  socket.bind(0, address);
  await once(socket, 'listening');
}

after(() => {
  server.close();
  answering.close();
  mute.close();
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const other = createServer().listen(0, address);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  other.close();
  await once(other, 'close');
  return port;
}

describe('one try', () => {
  it('TCP: open where somebody listens, and closed again at once', async () => {
    const connection = once(server, 'connection');
    assert.equal(await tryTarget({ address, port: tcp }, 'connect', LONG_MS), 'open');
    const [socket] = (await connection) as [Socket];
    socket.resume();
    await once(socket, 'close');
    assert.equal(socket.bytesRead, 0);
  });

  it('TCP: refused where nobody listens', async () => {
    const port = await freePort();
    assert.equal(await tryTarget({ address, port }, 'connect', LONG_MS), 'refused');
  });

  for (const question of ['dns', 'ntp'] as const) {
    it(`UDP, ${question}: open with an answer, silent without, refused where nobody listens`, async () => {
      const { port } = answering.address();
      assert.equal(await tryTarget({ address, port }, question, LONG_MS), 'open');
      assert.equal(
        await tryTarget({ address, port: mute.address().port }, question, SHORT_MS),
        'silent',
      );
      const free = await freePort();
      assert.equal(await tryTarget({ address, port: free }, question, LONG_MS), 'refused');
    });
  }

  it('UDP: asks a second time where the first question was lost', async () => {
    let questions = 0;
    const losing = createSocket('udp4', (question, peer) => {
      questions += 1;
      if (questions === 2) losing.send(question, peer.port, peer.address);
    });
    losing.bind(0, address);
    await once(losing, 'listening');
    assert.equal(await tryTarget({ address, port: losing.address().port }, 'dns', 2000), 'open');
    assert.equal(questions, 2);
    losing.close();
  });

  it('an address of no use was not tried', async () => {
    const place = { address: '255.255.255.255', port: 9 };
    assert.notEqual(await tryTarget(place, 'connect', LONG_MS), 'open');
  });
});
