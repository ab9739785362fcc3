import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { KEEP_ALIVE, keepAlive } from '@sallyport/dmz-proxy/connections/keep-alive.ts';
import { assertKeptAlive, keepAliveTimer } from '../keep-alive-timer.ts';

describe('TCP keep-alive', { skip: process.platform !== 'linux' }, () => {
  it('is due within a minute on both ends, and on neither without it', async () => {
    const servers = [createServer(KEEP_ALIVE), createServer()];
    for (const [at, server] of servers.entries()) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const accepted = once(server, 'connection');
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
      const [[serving]] = (await Promise.all([accepted, once(client, 'connect')])) as [
        [Socket],
        [],
      ];
      if (at === 0) keepAlive(client);
      for (const socket of [client, serving]) {
        if (at === 0) await assertKeptAlive(socket);
        else assert.equal(keepAliveTimer(socket), undefined);
      }
      client.destroy();
      serving.destroy();
      server.close();
    }
  });
});
