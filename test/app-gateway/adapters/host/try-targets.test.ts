import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import { tryTargets } from '@sallyport/app-gateway/adapters/host/try-targets.ts';
import type { Target } from '@sallyport/app-gateway/doctor/pairs.ts';

const FAST = { concurrency: 8, perSecond: 1_000_000, timeoutMs: 10_000 };
const OWN = ['127.0.0.1'];

let most = 0;
let now = 0;
const server = createServer((socket) => {
  now += 1;
  most = Math.max(most, now);
  socket.on('error', () => undefined).on('close', () => (now -= 1));
  socket.resume();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());
const { port } = server.address() as AddressInfo;

function target(at: number, change: Partial<Target['socket']> = {}): Target {
  const socket = {
    host: `host-${at}`,
    address: '192.0.2.1',
    protocol: 'tcp',
    port,
    purpose: '',
  } as const;
  return { socket: { ...socket, ...change }, dial: { address: '127.0.0.1', port } };
}

describe('many tries', () => {
  it('each once, in the order of the targets, with what the plan calls them and the address they carried', async () => {
    const targets = Array.from({ length: 30 }, (_, at) => target(at));
    let told = 0;
    const tries = await tryTargets(targets, OWN, FAST, (done) => (told = done));
    assert.deepEqual(
      tries,
      targets.map(({ socket: { host, address, protocol } }) => ({
        host,
        address,
        protocol,
        port,
        source: '127.0.0.1',
        seen: 'open',
      })),
    );
    assert.equal(told, 30);
  });

  it('no more at once than may be', async () => {
    most = 0;
    const targets = Array.from({ length: 40 }, (_, at) => target(at));
    await tryTargets(targets, OWN, { ...FAST, concurrency: 2 }, () => undefined);
    assert.ok(most >= 1 && most <= 2, `${most} at once`);
  });

  it('not more in a second than may be', async () => {
    const started = performance.now();
    await tryTargets(
      [target(1), target(2), target(3)],
      OWN,
      { ...FAST, perSecond: 20 },
      () => undefined,
    );
    assert.ok(performance.now() - started >= 95, 'the third waits for a tenth of a second');
  });

  it('nothing is sent with an address that is not of the zone', async () => {
    most = 0;
    const tries = await tryTargets([target(1)], ['192.0.2.9'], FAST, () => undefined);
    assert.deepEqual(
      tries.map(({ seen, source }) => [seen, source]),
      [['not-tried', '127.0.0.1']],
    );
    assert.equal(most, 0);
  });

  it('a question that no server must answer is not asked', async () => {
    const [one] = await tryTargets(
      [target(1, { protocol: 'udp', port: 514 })],
      OWN,
      FAST,
      () => undefined,
    );
    assert.equal(one?.seen, 'not-tried');
  });
});
