import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { peerChain } from '@sallyport/dmz-proxy/identity/peer-chain.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { around, behindIntermediate } from '../../integration/support/proxy-site.ts';
import { tlsPair } from '../tls-pair.ts';

it('the certificates of a peer are read as it sent them, from both ends', async () => {
  const root = await createAuthority({ commonName: 'root', pathLength: 1, ...around() });
  const server = await issueDomainCertificate(root, { domains: ['a.example'], ...around() });
  const { chain } = await behindIntermediate(root, 'b.example');
  const pair = await tlsPair(server, chain, { ca: [] });
  assert.deepEqual(
    peerChain(pair.accepted).chain(),
    decodePem(chain.certificatePem, 'CERTIFICATE'),
  );
  assert.deepEqual(
    peerChain(pair.dialled).chain(),
    decodePem(server.certificatePem, 'CERTIFICATE'),
  );
  assert.deepEqual(
    peerChain(pair.accepted).leaf,
    decodePem(chain.certificatePem, 'CERTIFICATE')[0],
  );
  pair.close();
  const anonymous = await tlsPair(server);
  assert.deepEqual(peerChain(anonymous.accepted).chain(), []);
  assert.equal(peerChain(anonymous.accepted).leaf, undefined);
  anonymous.close();
});
