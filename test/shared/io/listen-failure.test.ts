import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { isListenFailure, listenFailure } from '@sallyport/shared/io/listen-failure.ts';

describe('a port that could not be opened', () => {
  it('is named as the system names it', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const address = holder.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { port } = address;
    const cause = await new Promise((resolve) =>
      createServer().once('error', resolve).listen(port, '127.0.0.1'),
    );
    assert.deepEqual(listenFailure(cause), { code: 'EADDRINUSE', address: '127.0.0.1', port });
    assert.ok(isListenFailure(cause));
    holder.close();
  });

  for (const cause of [undefined, 'x', new Error('x')]) {
    it(`has no name where ${String(cause)} has none`, () => {
      assert.deepEqual(listenFailure(cause), { code: 'unknown' });
      assert.equal(isListenFailure(cause), false);
    });
  }
});
