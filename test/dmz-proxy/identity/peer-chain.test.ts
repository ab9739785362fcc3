import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { peerChain } from '@sallyport/dmz-proxy/identity/peer-chain.ts';
import { fromX509 } from '@sallyport/shared/x509/peer-certificates.ts';
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

it('one certificate more than are judged is read, for too many to be told from enough', async () => {
  const root = await createAuthority({ commonName: 'root', pathLength: 1, ...around() });
  const server = await issueDomainCertificate(root, { domains: ['a.example'], ...around() });
  for (const [company, verdict] of [
    [15, 'read'],
    [16, 'peer-certificates-too-many'],
    [40, 'peer-certificates-too-many'],
  ] as const) {
    const certificatePem = server.certificatePem + root.certificatePem.repeat(company);
    const pair = await tlsPair(server, { ...server, certificatePem }, { ca: [] });
    const peer = fromX509(peerChain(pair.accepted).chain());
    pair.close();
    assert.equal(peer.ok ? 'read' : peer.error, verdict);
  }
});
