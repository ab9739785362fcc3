import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { it } from 'node:test';
import { channelHandshake } from '@sallyport/shared/io/channel-handshake.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { tlsPair } from './channel-fixture.ts';

it('a handshake of a channel is told alike at both ends, each with the other’s certificate', async () => {
  const { proxy, gateway } = await tlsPair();
  const told = [proxy, gateway].map((socket, at) => {
    const der = socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0);
    const leaf = parseCertificate(der);
    assert.ok(leaf.ok);
    const handshake = channelHandshake(socket, leaf.value, at === 0 ? 'inbound' : 'outbound', 7);
    assert.equal(handshake.certificate.toString('hex'), hash('sha256', der, 'hex'));
    assert.equal(handshake.publicKey.length, 32);
    return handshake;
  });
  const [atProxy, atGateway] = told;
  assert.deepEqual(atProxy?.peer, atGateway?.own);
  assert.deepEqual(atProxy?.own, atGateway?.peer);
  for (const { tlsVersion, group, atMs } of told) {
    assert.deepEqual([tlsVersion, group, atMs], ['TLSv1.3', 'X25519MLKEM768', 7]);
  }
  proxy.destroy();
  gateway.destroy();
});
