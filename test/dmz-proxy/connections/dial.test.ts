import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { dial } from '@sallyport/dmz-proxy/connections/dial.ts';
import { ownIdentities } from '@sallyport/dmz-proxy/identity/own-identities.ts';
import { proxySite } from '../../integration/support/proxy-site.ts';
import { globexLeaf } from '../edge-fixture.ts';
import { assertKeptAlive } from '../keep-alive-timer.ts';

const site = await proxySite();
const identities = ownIdentities(site.snapshot);
assert.ok(identities.ok);
const own = identities.value.first;
site.remove();

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a dial', () => {
  const tls = createServer({
    cert: globexLeaf.certificatePem,
    key: globexLeaf.privateKeyPem,
    requestCert: true,
    rejectUnauthorized: false,
  });
  const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
  const rude = createTcpServer((socket) => socket.end('no TLS here'));
  const ports = { tls: 0, silent: 0, rude: 0 };
  before(async () => {
    ports.tls = await listening(tls);
    ports.silent = await listening(silent);
    ports.rude = await listening(rude);
  });
  after(() => {
    for (const server of [tls, silent, rude]) server.close();
  });
  const { signal } = new AbortController();
  const to = (port: number, serverName = 'globex.example') => ({
    address: '127.0.0.1',
    port,
    serverName,
  });

  it('shows our identity and asks for the name of the URI', async () => {
    const accepting = once(tls, 'secureConnection');
    const socket = await dial(to(ports.tls), own, 5000, signal);
    const [accepted] = (await accepting) as [TLSSocket];
    assert.equal(Reflect.get(accepted, 'servername'), 'globex.example');
    assert.equal(accepted.getPeerCertificate().subject.CN, 'acme.example');
    assert.ok(socket.ok);
    await assertKeptAlive(socket.value.socket);
    socket.value.socket.destroy();
    accepted.destroy();
  });

  it('asks for no name where there is only an address (RFC 6066 §3)', async () => {
    const accepting = once(tls, 'secureConnection');
    const socket = await dial(to(ports.tls, '127.0.0.1'), own, 5000, signal);
    const [accepted] = (await accepting) as [TLSSocket];
    assert.equal(Reflect.get(accepted, 'servername'), false);
    assert.ok(socket.ok);
    socket.value.socket.destroy();
    accepted.destroy();
  });

  it('asks what the server staples to its certificate (RFC 6066 §8)', async () => {
    const stapling = createServer({
      cert: globexLeaf.certificatePem,
      key: globexLeaf.privateKeyPem,
    });
    const answer = { bytes: undefined as Buffer | undefined };
    stapling.on('OCSPRequest', (...[, , respond]) => respond(null, answer.bytes ?? null));
    const port = await listening(stapling);
    for (const bytes of [undefined, Buffer.from('anything')]) {
      answer.bytes = bytes;
      const dialled = await dial(to(port), own, 5000, signal);
      assert.ok(dialled.ok);
      assert.deepEqual(dialled.value.ocspResponse, bytes);
      dialled.value.socket.destroy();
    }
    stapling.close();
  });

  it('ends at once when its partner is gone', async () => {
    const presence = new AbortController();
    const dialled = dial(to(ports.silent), own, 60_000, presence.signal);
    presence.abort();
    assert.deepEqual(await dialled, { ok: false, error: 'no-target' });
    assert.deepEqual(await dial(to(ports.tls), own, 60_000, presence.signal), {
      ok: false,
      error: 'no-target',
    });
  });

  it('fails with a reason', async () => {
    assert.deepEqual(await dial(to(1), own, 5000, signal), { ok: false, error: 'connect' });
    assert.deepEqual(await dial(to(ports.rude), own, 5000, signal), { ok: false, error: 'tls' });
    assert.deepEqual(await dial(to(ports.silent), own, 20, signal), {
      ok: false,
      error: 'timeout',
    });
  });
});
