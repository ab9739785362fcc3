import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { keyExchangeGroup } from '@sallyport/shared/io/key-exchange-group.ts';
import { tlsPair } from '../../dmz-proxy/tls-pair.ts';

const SERVER = {
  ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384:P-521',
  ticketKeys: Buffer.alloc(48, 7),
  sessionIdContext: 'groups',
};

describe('the group of a handshake', () => {
  let leaf: Issued;
  before(async () => {
    const validity = validForDays(Date.now(), 2);
    const authority = await createAuthority({ commonName: 'groups', ...validity });
    leaf = await issueDomainCertificate(authority, { domains: ['groups.example'], ...validity });
  });

  for (const [offered, maxVersion, group] of [
    ['X25519MLKEM768:P-256', 'TLSv1.3', 'X25519MLKEM768'],
    ['X25519:P-256', 'TLSv1.3', 'X25519'],
    ['P-256', 'TLSv1.3', 'prime256v1'],
    ['P-256', 'TLSv1.2', 'prime256v1'],
    ['X25519:P-256', 'TLSv1.2', 'X25519'],
  ] as const) {
    it(`is ${group} for both sides where the client offers ${offered} by ${maxVersion}`, async () => {
      const client = { ecdhCurve: offered, maxVersion } as const;
      const pair = await tlsPair(leaf, leaf, SERVER, client);
      const read = once(pair.dialled, 'data');
      pair.accepted.write('x');
      await read;
      assert.equal(pair.accepted.getProtocol(), maxVersion);
      assert.equal(keyExchangeGroup(pair.accepted), group);
      assert.equal(keyExchangeGroup(pair.dialled), group);
      pair.close();
    });
  }

  it('is that of the new handshake where a session is resumed', async () => {
    const first = await tlsPair(leaf, leaf, SERVER, { ecdhCurve: 'X25519' });
    const told = once(first.dialled, 'session');
    first.accepted.write('x');
    first.dialled.resume();
    const [session] = (await told) as [Buffer];
    assert.equal(keyExchangeGroup(first.accepted), 'X25519');
    const second = await tlsPair(leaf, leaf, SERVER, { ecdhCurve: 'P-384', session });
    assert.equal(second.accepted.isSessionReused(), true);
    assert.equal(keyExchangeGroup(second.accepted), 'secp384r1');
    first.close();
    second.close();
  });

  it('is told by its number where it has no name here', async () => {
    const pair = await tlsPair(leaf, leaf, SERVER, { ecdhCurve: 'P-521' });
    assert.equal(keyExchangeGroup(pair.accepted), '0x0019');
    pair.close();
  });
});
