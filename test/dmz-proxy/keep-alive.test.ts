import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { KEEP_ALIVE, keepAlive } from '@sallyport/dmz-proxy/keep-alive.ts';

/** What the kernel has set for the connection with that local and remote port: seconds until its next probe. */
function keepAliveTimer(socket: Socket): number | undefined {
  const hex = (port: number | undefined) => (port ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const ends = `:${hex(socket.localPort)} 0100007F:${hex(socket.remotePort)}`;
  const line = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .find((entry) => entry.includes(ends));
  // tr:tm->when, where 2 is the keep-alive timer, in hundredths of a second.
  const timer = / 01 \S+ 02:([0-9A-F]{8})/.exec(line ?? '');
  return timer === null ? undefined : Number.parseInt(timer[1] ?? '', 16) / 100;
}

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
        const seconds = keepAliveTimer(socket);
        if (at === 0)
          assert.ok(seconds !== undefined && seconds > 50 && seconds <= 60, `${seconds}`);
        else assert.equal(seconds, undefined);
      }
      client.destroy();
      serving.destroy();
      server.close();
    }
  });
});
