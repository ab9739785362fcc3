import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OutgoingText } from '@sallyport/app-gateway/domain/core/local-reply.ts';
import { fromInside, fromPartner, responseTo } from '../../domain/core/core-stage.ts';
import { Bench, sipServer } from './community-bench.ts';
import { InnerServer } from './inner-server.ts';

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
