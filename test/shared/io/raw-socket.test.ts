import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { rawSocketOf } from '@sallyport/shared/io/raw-socket.ts';

describe('the socket under a TLS socket', () => {
  it('is the one that was accepted, also after the caller has reset it', async () => {
    const server = createServer({});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const failed = once(server, 'tlsClientError');
    const caller = connect((server.address() as AddressInfo).port, '127.0.0.1');
    caller.on('error', () => undefined);
    caller.write(Buffer.from([22, 3, 1]));
    const [raw] = (await accepted) as [Socket];
    assert.equal(raw.remoteAddress, '127.0.0.1');
    caller.resetAndDestroy();
    const [, socket] = (await failed) as [Error, TLSSocket];
    assert.equal(rawSocketOf(socket), raw);
    assert.equal(rawSocketOf(socket).remoteAddress, '127.0.0.1');
    server.close();
  });
});
