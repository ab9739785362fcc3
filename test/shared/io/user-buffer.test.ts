import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { readInto } from '@sallyport/shared/io/user-buffer.ts';
import { tlsPair } from './channel-fixture.ts';

/** Collects what a socket brings, copied at once: the buffer is overwritten afterwards. */
function collect(socket: TLSSocket) {
  let text = '';
  let wake: (() => void) | undefined;
  const buffers = new Set<Buffer>();
  const mode = readInto(socket, (bytes, start, end) => {
    buffers.add(bytes);
    text += bytes.toString('latin1', start, end);
    wake?.();
  });
  return {
    mode,
    buffers,
    text: () => text,
    async until(length: number) {
      while (text.length < length) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

describe('reading into one static buffer', { timeout: 20_000 }, () => {
  for (const role of ['proxy', 'gateway'] as const) {
    it(`works for a socket that was ${role === 'proxy' ? 'accepted' : 'dialled'}`, async () => {
      const sockets = await tlsPair();
      const [reader, writer] =
        role === 'proxy' ? [sockets.proxy, sockets.gateway] : [sockets.gateway, sockets.proxy];
      const read = collect(reader);
      assert.equal(read.mode, 'user-buffer', 'this Node has the internals that are looked for');
      const text = 'abcdefgh'.repeat(50_000);
      writer.end(text, 'latin1');
      await read.until(text.length);
      assert.equal(read.text(), text);
      assert.equal(read.buffers.size, 1);
      await once(reader, 'close');
    });
  }

  it('is the same buffer for all sockets', async () => {
    const [a, b] = await Promise.all([tlsPair(), tlsPair()]);
    const [first, second] = [collect(a.proxy), collect(b.proxy)];
    a.gateway.end('first');
    b.gateway.end('other');
    await Promise.all([first.until(5), second.until(5)]);
    assert.deepEqual([first.text(), second.text()], ['first', 'other']);
    assert.deepEqual(first.buffers, second.buffers);
  });

  it('takes what came in before it was set up', async () => {
    const { proxy, gateway } = await tlsPair();
    gateway.write('early ');
    await once(proxy, 'readable');
    const read = collect(proxy);
    gateway.end('and late');
    await read.until(14);
    assert.equal(read.text(), 'early and late');
  });

  it('stops for pause and goes on after resume', async () => {
    const { proxy, gateway } = await tlsPair();
    const read = collect(proxy);
    gateway.write('one');
    await read.until(3);
    proxy.pause();
    gateway.write('two');
    const echoed = once(gateway, 'data');
    proxy.write('the other direction goes on');
    await echoed;
    assert.equal(read.text(), 'one');
    proxy.resume();
    await read.until(6);
    assert.equal(read.text(), 'onetwo');
    gateway.destroy();
    proxy.destroy();
  });

  it("falls back to 'data' where the internals are missing", () => {
    const socket = new EventEmitter();
    const seen: string[] = [];
    const mode = readInto(socket as unknown as TLSSocket, (bytes, start, end) =>
      seen.push(bytes.toString('latin1', start, end)),
    );
    socket.emit('data', Buffer.from('plain'));
    assert.equal(mode, 'data');
    assert.deepEqual(seen, ['plain']);
  });
});
