import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { ListenAddress } from '@sallyport/dmz-proxy/bundle/proxy-config.ts';
import {
  type CheckHandling,
  Doorstep,
  type Source,
} from '@sallyport/dmz-proxy/connections/doorstep.ts';
import { SourceLimits } from '@sallyport/shared/net/source-limits.ts';
import { assertKeptAlive } from '../keep-alive-timer.ts';

interface Wishes {
  readonly listen?: Partial<ListenAddress>;
  readonly handling?: CheckHandling;
  readonly perSource?: number;
  readonly timeoutMs?: number;
}

/** A doorstep that writes down who came; `next` resolves with the next word. */
async function opened({
  listen,
  handling = 'await-bytes',
  perSource = 100,
  timeoutMs,
}: Wishes = {}) {
  const words: string[] = [];
  const sources: Source[] = [];
  const arrived: Socket[] = [];
  let heard = Promise.withResolvers<void>();
  const say = (word: string): void => {
    words.push(word);
    heard.resolve();
    heard = Promise.withResolvers();
  };
  const limits = new SourceLimits(
    {
      connectionsMax: 100,
      connectionsPerSourceMax: perSource,
      connectionsPerSourcePerSecond: 100,
      sourcesMax: 10,
    },
    0,
  );
  const doorstep = new Doorstep(
    {
      listen: { host: '127.0.0.1', port: 0, proxyProtocolFrom: [], ...listen },
      timeoutMs: timeoutMs ?? 5000,
      sources: limits,
      nowMs: () => 0,
      handlingOf: () => handling,
    },
    {
      arrived: (raw, source) => {
        arrived.push(raw);
        sources.push(source);
        say('arrived');
      },
      refused: (code) => say(`refused ${code}`),
      checked: () => say('checked'),
    },
  );
  const port = (await doorstep.open()) ?? 0;
  const until = async (count: number): Promise<readonly string[]> => {
    while (words.length < count) await heard.promise;
    return words;
  };
  const close = (): void => {
    for (const raw of arrived) raw.destroy();
    doorstep.close();
  };
  return { doorstep, port, until, words, sources, limits, arrived, close };
}

async function client(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const BALANCED = { proxyProtocolFrom: ['127.0.0.0/8'] };
const HEADER = 'PROXY TCP4 203.0.113.9 10.0.0.1 40000 5061\r\n';

describe('who only looks whether the port is open', () => {
  const rows: readonly (readonly [string, Wishes, string])[] = [
    ['this host', {}, ''],
    ['a balancer that would send a header', { listen: BALANCED }, ''],
    ['a balancer that says LOCAL', { listen: BALANCED }, 'PROXY UNKNOWN\r\n'],
    ['whoever is listed for it', { listen: { checksFrom: ['127.0.0.1/32'] } }, ''],
  ];
  for (const [who, wishes, sent] of rows) {
    it(`costs ${who} no limit and no refusal, however often`, async () => {
      const { port, until, limits, close } = await opened({ ...wishes, perSource: 1 });
      const looks = 20;
      for (let look = 0; look < looks; look++) {
        const socket = await client(port);
        socket.end(sent);
      }
      assert.deepEqual(new Set(await until(looks)), new Set(['checked']));
      assert.equal(limits.connections, 0);
      close();
    });
  }

  it('is let in as soon as it sends something, and then it counts', async () => {
    const { port, until, sources, limits, arrived, close } = await opened({ perSource: 1 });
    const socket = await client(port);
    socket.write('x');
    assert.deepEqual(await until(1), ['arrived']);
    assert.equal(sources[0]?.address, '127.0.0.1');
    assert.equal(limits.connections, 1);
    assert.equal(String(arrived[0]?.read()), 'x');
    const second = await client(port);
    second.write('x');
    assert.deepEqual(await until(2), ['arrived', 'refused source-connections-max']);
    close();
  });

  for (const parts of [['PROXY UNKNOWN\r\nx'], ['PROXY UNKNOWN\r\n', 'x']]) {
    it(`is let in when a balancer says LOCAL and goes on, as for its check by TLS: ${parts.length} pieces`, async () => {
      const { port, until, sources, arrived, close } = await opened({ listen: BALANCED });
      const socket = await client(port);
      socket.setNoDelay(true);
      for (const part of parts) await new Promise((written) => socket.write(part, written));
      assert.deepEqual(await until(1), ['arrived']);
      assert.equal(sources[0]?.address, '127.0.0.1');
      assert.equal(sources[0]?.balancer, undefined);
      assert.equal(String(arrived[0]?.read()), 'x');
      close();
    });
  }

  it('is turned away when it stays and says nothing', async () => {
    const { port, until, close } = await opened({ timeoutMs: 20 });
    await client(port);
    assert.deepEqual(await until(1), ['refused handshake:ERR_TLS_HANDSHAKE_TIMEOUT']);
    close();
  });

  it('is shown the door at once where nobody comes unknown; what it sent says what it was', async () => {
    const { port, until, close } = await opened({ handling: 'dismiss' });
    const looking = await client(port);
    looking.resume();
    await once(looking, 'end');
    assert.deepEqual(await until(1), ['checked']);
    const talking = await client(port);
    talking.write('INVITE');
    assert.deepEqual(await until(2), ['checked', 'arrived']);
    close();
  });

  it('and is known all the same, is let in without a word', async () => {
    const { port, until, close } = await opened({ handling: 'admit' });
    await client(port);
    assert.deepEqual(await until(1), ['arrived']);
    close();
  });
});

describe('a doorstep', () => {
  it('says for whom a balancer speaks, where, and by which name it is known', async () => {
    const advertise = { host: 'north.acme.example', port: 5071 };
    const { port, until, sources, close } = await opened({ listen: { ...BALANCED, advertise } });
    const socket = await client(port);
    socket.write(HEADER);
    await until(1);
    assert.deepEqual(sources[0], {
      address: '203.0.113.9',
      port: 40_000,
      listener: `127.0.0.1:${port}`,
      advertised: 'north.acme.example:5071',
      balancer: { address: '127.0.0.1', port: socket.localPort },
    });
    close();
  });

  it('refuses what is no header where one is due', async () => {
    const { port, until, close } = await opened({ listen: BALANCED });
    const socket = await client(port);
    socket.write('\x16\x03\x01 this is no header');
    assert.deepEqual(await until(1), ['refused proxy-protocol-signature']);
    close();
  });

  it('has 1024 wait of whom nothing is known yet, and has room again when one goes', async () => {
    const { port, until, words, close } = await opened({ listen: BALANCED });
    const waiting = await Promise.all(Array.from({ length: 1024 }, () => client(port)));
    assert.deepEqual(words, []);
    const late = await client(port);
    assert.deepEqual(await until(1), ['refused handshakes-max']);
    await once(late.resume(), 'close');
    waiting[0]?.write(HEADER);
    assert.deepEqual(await until(2), ['refused handshakes-max', 'arrived']);
    const next = await client(port);
    next.write(HEADER);
    assert.deepEqual(await until(3), ['refused handshakes-max', 'arrived', 'arrived']);
    for (const socket of waiting) socket.destroy();
    close();
  });

  it('closes and opens again on the same port, and who is in stays', async () => {
    const { doorstep, port, until, arrived, close } = await opened({ handling: 'admit' });
    const socket = await client(port);
    await until(1);
    for (let turn = 0; turn < 3; turn++) {
      doorstep.close();
      const late = connect(port, '127.0.0.1');
      const [refused] = (await once(late, 'error')) as [NodeJS.ErrnoException];
      assert.equal(refused.code, 'ECONNREFUSED');
      assert.equal(await doorstep.open(), port);
    }
    await client(port);
    await until(2);
    assert.ok(arrived[0] !== undefined);
    await assertKeptAlive(arrived[0]);
    arrived[0].write('still here');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    assert.equal(chunk.toString(), 'still here');
    close();
  });

  const ways: readonly (readonly [string, Wishes, string])[] = [
    ['at once', { handling: 'admit' }, ''],
    ['with its first octet', {}, 'x'],
    ['through a balancer', { listen: BALANCED }, HEADER],
    ['as a balancer itself', { listen: BALANCED }, 'PROXY UNKNOWN\r\nx'],
  ];
  for (const [how, wishes, sent] of ways) {
    it(`that closes leaves alone who came in ${how}`, async () => {
      const { doorstep, port, until, arrived, close } = await opened(wishes);
      const socket = await client(port);
      socket.write(sent);
      assert.deepEqual(await until(1), ['arrived']);
      doorstep.close();
      assert.equal(arrived[0]?.destroyed, false);
      arrived[0].write('still here');
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      assert.equal(chunk.toString(), 'still here');
      close();
    });
  }

  it('that is closed while it opens stays closed', async () => {
    const { doorstep, port, close } = await opened();
    doorstep.close();
    const opening = doorstep.open();
    doorstep.close();
    assert.equal(await opening, undefined);
    const late = connect(port, '127.0.0.1');
    await once(late, 'error');
    close();
  });
});
