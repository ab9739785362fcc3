import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import {
  CommunityConnection,
  type CommunityTraffic,
} from '@sallyport/app-gateway/adapters/community/community-connection.ts';
import { OutgoingText } from '@sallyport/app-gateway/domain/core/local-reply.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { fromInside, fromPartner, LIMITS, responseTo } from '../../domain/core/core-stage.ts';
import { Bench, sipServer } from './community-bench.ts';
import { InnerServer } from './inner-server.ts';

describe('a connection with an inner server', () => {
  it('is cut off where the server pings and takes no answer, as with any other message', async () => {
    // A socket that takes nothing: no write is ever over.
    const socket = new Duplex({ read: () => undefined, write: () => undefined });
    const told = new Promise<Error>((resolve) => socket.once('error', resolve));
    const host = { community: 'staff', key: 'staff/a:5061', share: { held: 0, bytes: 0 } };
    const index = new MessageIndex(LIMITS);
    const connection = new CommunityConnection(
      Object.assign(socket, { setNoDelay: () => socket }) as unknown as TLSSocket,
      host,
      {} as CommunityTraffic,
      index,
    );
    // Up to 64 KiB less than may wait, and then that much and two octets in answers to pings.
    const message = new OutgoingText('x'.repeat(65_536));
    for (let sent = 0; sent < 255; sent++) assert.equal(connection.send(message), true);
    socket.push(Buffer.alloc(4 * 32_768, '\r\n\r\n'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(socket.destroyed, false);
    socket.push(Buffer.from('\r\n\r\n'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(socket.destroyed, true);
    assert.equal((await told).message, 'server-too-slow');
  });
});

describe('a connection with an inner server that was closed', { timeout: 10_000 }, () => {
  const text = fromPartner('MESSAGE');

  async function used() {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const { link, main } = await bench.connected(server);
    bench.send(link, 'globex', text);
    const speaker = await server.accepted();
    assert.equal(await speaker.next(), text);
    const end = () => {
      bench.pool.stop();
      for (const { socket } of [main, speaker]) socket.destroy();
      server.close();
    };
    return { bench, link, speaker, end };
  }

  it('is cut off where its server does not end it', async () => {
    const { bench, link, speaker, end } = await used();
    speaker.socket.removeAllListeners('data').pause();
    bench.pool.replaceLinks([]);
    await bench.until(() => bench.heard.length === 1);
    assert.deepEqual(bench.heard, [`lost ${link.key}`]);
    end();
  });

  it('brings answers still, and takes nothing new', async () => {
    const { bench, link, speaker, end } = await used();
    const { connection } = link;
    speaker.socket.removeAllListeners('data').pause();
    bench.pool.replaceLinks([]);
    assert.equal(connection?.send(new OutgoingText(text)), false);
    assert.equal(link.send('globex', new OutgoingText(text)), undefined);
    speaker.send(fromInside('MESSAGE') + responseTo(text, 200));
    await bench.until(() => bench.heard.length === 2);
    assert.deepEqual(bench.heard, ['staff 200', `lost ${link.key}`]);
    end();
  });
});
