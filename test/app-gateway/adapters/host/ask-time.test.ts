import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { askTime } from '@sallyport/app-gateway/adapters/host/ask-time.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const ERA_S = 2_208_988_800;

/** What an NTP server answers whose clock is ahead by so much (RFC 5905 §7.3). */
async function askedServer(aheadMs: number, change: (answer: Buffer) => Buffer = (same) => same) {
  const server = createSocket('udp4', (question, peer) => {
    assert.equal(question.length, 48);
    assert.equal((question[0] ?? 0) & 7, 3, 'asked as a client');
    const answer = Buffer.alloc(48);
    answer[0] = 0x24;
    for (const at of [32, 40]) {
      const seconds = (NOW_MS + aheadMs) / 1000;
      answer.writeUInt32BE(Math.floor(seconds) + ERA_S, at);
      answer.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
    }
    server.send(change(answer), peer.port, peer.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const ahead = await askTime('127.0.0.1', server.address().port, () => NOW_MS);
  server.close();
  return ahead;
}

describe('a time server', () => {
  for (const aheadMs of [0, 250, -90_000]) {
    it(`whose clock is ${aheadMs} ms ahead`, async () => {
      const ahead = await askedServer(aheadMs);
      assert.ok(ahead !== undefined && Math.abs(ahead - aheadMs) < 1, String(ahead));
    });
  }

  it('that is none has no time: refused at once', async () => {
    const closed = createSocket('udp4');
    closed.bind(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address();
    closed.close();
    assert.equal(await askTime('127.0.0.1', port, () => NOW_MS), undefined);
  });
});
