import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, it, mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { type HandshakeFailure, serverHandshake } from '@sallyport/dmz-proxy/server-handshake.ts';
import { PartnerClient } from '../integration/support/partner-client.ts';
import { proxySite } from '../integration/support/proxy-site.ts';
import { globexLeaf } from './edge-fixture.ts';

const TIMEOUT_MS = 10_000;
const site = await proxySite();
const [identity] = site.snapshot.identities;
assert.ok(identity !== undefined);
const secureContext = createSecureContext({
  cert: identity.chainPem,
  key: identity.keyPem,
  ca: [],
});
site.remove();

interface Server {
  readonly port: number;
  readonly raw: Promise<Socket>;
  readonly done: Promise<TLSSocket>;
  readonly failures: HandshakeFailure[];
  readonly failed: Promise<TLSSocket>;
  close(): void;
}

/** Takes one caller. */
async function serving(): Promise<Server> {
  const raw = Promise.withResolvers<Socket>();
  const done = Promise.withResolvers<TLSSocket>();
  const failed = Promise.withResolvers<TLSSocket>();
  const failures: HandshakeFailure[] = [];
  const server = createServer((socket) => {
    serverHandshake(
      socket,
      { secureContext, timeoutMs: TIMEOUT_MS, SNICallback: (_name, take) => take(null) },
      done.resolve,
      (cause, handshaking) => {
        failures.push(cause);
        handshaking.destroy();
        failed.resolve(handshaking);
      },
    );
    raw.resolve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    raw: raw.promise,
    done: done.promise,
    failed: failed.promise,
    failures,
    close: () => server.close(),
  };
}

async function rawClient(port: number): Promise<Socket> {
  const client = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(client, 'connect');
  return client;
}

describe('the server’s side of a handshake', () => {
  it('knows the certificate of a client without judging it, and has not failed when it ends', async () => {
    const server = await serving();
    const client = await PartnerClient.connect(server.port, globexLeaf);
    const socket = await server.done;
    assert.match(socket.getPeerX509Certificate()?.subjectAltName ?? '', /globex/);
    socket.resume();
    client.end();
    await once(socket, 'close');
    assert.deepEqual(server.failures, []);
    server.close();
  });

  it('lets a client in that shows none: that is for others to judge', async () => {
    const server = await serving();
    const client = await PartnerClient.connect(server.port, undefined);
    const socket = await server.done;
    assert.equal(socket.getPeerX509Certificate(), undefined);
    client.end();
    socket.destroy();
    server.close();
  });

  it('leaves what goes wrong afterwards to the socket', async () => {
    const server = await serving();
    const client = await PartnerClient.connect(server.port, globexLeaf);
    const socket = await server.done;
    socket.resume();
    const fault = once(socket, 'error');
    (await server.raw).emit('error', Object.assign(new Error('lost'), { code: 'EHOSTUNREACH' }));
    const [cause] = (await fault) as [NodeJS.ErrnoException];
    assert.equal(cause.code, 'EHOSTUNREACH');
    assert.deepEqual(server.failures, []);
    socket.destroy();
    await client.expectClose();
    server.close();
  });

  const HELLO = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01];

  for (const [what, bytes, code] of [
    ['something that is not TLS', Buffer.from('OPTIONS sip:acme.example SIP/2.0\r\n'), /^ERR_SSL_/],
    ['an alert', Buffer.from([0x15, 0x03, 0x03, 0, 2, 2, 40]), /^ERR_SSL_/],
  ] as const) {
    it(`fails with OpenSSL’s code at ${what}`, async () => {
      const server = await serving();
      const client = await rawClient(server.port);
      client.write(bytes);
      await server.failed;
      assert.match(server.failures[0]?.code ?? '', code);
      client.destroy();
      server.close();
    });
  }

  for (const leave of ['end', 'resetAndDestroy'] as const) {
    it(`fails once when a caller hangs up in the middle of it by ${leave}`, async () => {
      const server = await serving();
      const client = await rawClient(server.port);
      client.write(Buffer.from(HELLO));
      const raw = await server.raw;
      client[leave]();
      await server.failed;
      if (!raw.closed) await once(raw, 'close');
      await setImmediate();
      assert.deepEqual(
        server.failures.map(({ code }) => code),
        ['ECONNRESET'],
      );
      server.close();
    });
  }

  it('has one time limit for all of it, however little by little it comes', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const server = await serving();
      const client = await rawClient(server.port);
      const raw = await server.raw;
      for (const [at, byte] of HELLO.entries()) {
        client.write(Buffer.of(byte));
        while (raw.bytesRead <= at) await setImmediate();
        assert.deepEqual(server.failures, []);
        mock.timers.tick(Math.ceil(TIMEOUT_MS / HELLO.length));
      }
      assert.deepEqual(server.failures, [{ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }]);
      client.destroy();
      server.close();
    } finally {
      mock.timers.reset();
    }
  });
});
