import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  identityShown,
  newTicketKeys,
  type OwnIdentities,
  ownIdentities,
  unnamedOptions,
} from '@sallyport/dmz-proxy/identity/own-identities.ts';
import { type ProxySite, proxySite } from '../../integration/support/proxy-site.ts';

describe('our own identities', () => {
  let site: ProxySite;
  before(async () => {
    site = await proxySite();
  });
  after(() => site.remove());

  it('are shown by server name; a client that names none gets the first, or nothing', () => {
    const refuse = ownIdentities(site.snapshot);
    assert.ok(refuse.ok);
    assert.equal(identityShown(refuse.value, 'SIP.acme.example')?.name, 'acme');
    assert.equal(identityShown(refuse.value, undefined)?.name, 'acme');
    assert.equal(identityShown(refuse.value, 'x.example'), undefined);
    const strict = ownIdentities({ ...site.snapshot, missingServerName: 'refuse' });
    assert.ok(strict.ok);
    assert.equal(identityShown(strict.value, undefined), undefined);
    assert.equal(identityShown(strict.value, 'sip.acme.example')?.name, 'acme');
    assert.equal(unnamedOptions(strict.value).cert, undefined);
    assert.equal(unnamedOptions(refuse.value), refuse.value.first.options);
    const lenient = ownIdentities({ ...site.snapshot, unknownServerName: 'default' });
    assert.ok(lenient.ok);
    assert.equal(identityShown(lenient.value, 'x.example')?.name, 'acme');
  });

  it('are shown to a client that names an address as to one that names none (RFC 6066 §3)', () => {
    const refuse = ownIdentities(site.snapshot);
    assert.ok(refuse.ok);
    const strict: OwnIdentities = { ...refuse.value, missingServerName: 'refuse' };
    for (const address of ['192.0.2.7', '2001:db8::7', '127.0.0.1']) {
      assert.equal(identityShown(refuse.value, address)?.name, 'acme');
      assert.equal(identityShown(strict, address), undefined);
    }
    assert.equal(identityShown(refuse.value, '192.0.2.7.example'), undefined);
  });

  it('with a key of another certificate are refused by name', () => {
    const identities = site.snapshot.identities.map((identity) => ({
      ...identity,
      keyPem: site.partner.privateKeyPem,
    }));
    const loaded = ownIdentities({ ...site.snapshot, identities });
    assert.equal(loaded.ok, false);
    assert.match(loaded.ok ? '' : (loaded.error[0] ?? ''), /identity acme/);
    assert.equal(ownIdentities({ ...site.snapshot, identities: [] }).ok, false);
  });

  it('never make the same ticket keys twice', () => {
    assert.equal(newTicketKeys().length, 48);
    assert.notDeepEqual(newTicketKeys(), newTicketKeys());
  });
});
