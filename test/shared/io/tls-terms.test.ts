import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { tlsTerms } from '@sallyport/shared/io/tls-terms.ts';
import { tlsPair } from '../../dmz-proxy/tls-pair.ts';

describe('the terms of a TLS connection', () => {
  let leaf: Issued;
  before(async () => {
    const validity = validForDays(Date.now(), 2);
    const authority = await createAuthority({ commonName: 'terms', ...validity });
    leaf = await issueDomainCertificate(authority, { domains: ['terms.example'], ...validity });
  });

  it('are the same for both sides', async () => {
    const chosen = { ecdhCurve: 'X25519', ciphers: 'TLS_AES_128_GCM_SHA256' };
    const pair = await tlsPair(leaf, leaf, {}, chosen);
    const terms = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', group: 'X25519' };
    assert.deepEqual([tlsTerms(pair.accepted), tlsTerms(pair.dialled)], [terms, terms]);
    pair.close();
  });

  it('are unknown of a socket that was closed since', async () => {
    const pair = await tlsPair(leaf, leaf);
    for (const socket of [pair.accepted, pair.dialled]) {
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
      assert.deepEqual(tlsTerms(socket), { version: 'unknown', cipher: 'unknown' });
    }
  });
});
