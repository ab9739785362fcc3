import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer as createPlainServer } from 'node:net';
import { describe, it } from 'node:test';
import { createServer } from 'node:tls';
import { shownCertificate } from '@sallyport/app-gateway/adapters/host/shown-certificate.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { YEAR } from '../../site-fixture.ts';

const authority = await createAuthority({ commonName: 'Federation CA', ...YEAR });
const made = await issueDomainCertificate(authority, { domains: ['acme.example'], ...YEAR });

describe('the certificate that a listener shows', () => {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    it(`at ${host}, to a stranger without one of its own, for the name that is asked for`, async () => {
      const asked: (string | undefined)[] = [];
      const server = createServer({
        cert: made.certificatePem,
        key: made.privateKeyPem,
        requestCert: true,
        SNICallback: (name, done) => {
          asked.push(name);
          done(null);
        },
      });
      server.on('tlsClientError', () => undefined);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const shown = await shownCertificate({ host, port, serverName: 'acme.example' });
      await shownCertificate({ host, port, serverName: undefined });
      server.close();
      assert.deepEqual(shown, decodePem(made.certificatePem, 'CERTIFICATE')[0]);
      assert.deepEqual(asked, ['acme.example']);
    });
  }

  it('is none where no TLS is spoken, or nobody listens', async () => {
    const server = createPlainServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('no'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const at = { host: '127.0.0.1', port, serverName: undefined };
    assert.equal(await shownCertificate(at), undefined);
    server.close();
    await once(server, 'close');
    assert.equal(await shownCertificate(at), undefined);
  });
});
