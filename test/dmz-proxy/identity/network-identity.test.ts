import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  identifyByNetwork,
  identifyPartnerByNetwork,
} from '@sallyport/dmz-proxy/identity/network-identity.ts';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import type { PartnerSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { globexIdentity } from '../edge-fixture.ts';

const GLOBEX = globexIdentity().partner.settings;

function plain(
  id: string,
  network: string,
  change: Partial<PartnerSnapshot> = {},
): PartnerSnapshot {
  const domains = [`${id}.example`];
  return { ...GLOBEX, id, domains, plainTcp: true, sourceNetworks: [network], ...change };
}

function tableOf(...partners: readonly PartnerSnapshot[]) {
  const table = partnerTable(partners, NO_PARTNERS, 0, ['severed']);
  assert.ok(table.ok, JSON.stringify(table));
  return table.value;
}

const table = tableOf(
  plain('globex', '192.0.2.0/24'),
  plain('initech', '2001:db8::/32'),
  plain('secure', '198.51.100.0/24', { plainTcp: false }),
  plain('anywhere', '203.0.113.0/24', { sourceNetworks: [] }),
  plain('severed', '203.0.113.0/24'),
  plain('twin-a', '10.1.0.0/16'),
  plain('twin-b', '10.1.2.0/24'),
);

describe('who comes without TLS', () => {
  // address          partner or fault
  const rows = [
    ['192.0.2.0', 'globex'],
    ['192.0.2.255', 'globex'],
    ['192.0.3.0', 'identity-unknown'],
    ['192.0.1.255', 'identity-unknown'],
    ['2001:db8::1', 'initech'],
    ['198.51.100.7', 'identity-unknown'],
    ['203.0.113.9', 'identity-unknown'],
    ['10.1.1.1', 'twin-a'],
    ['10.1.2.1', 'identity-ambiguous'],
    ['nonsense', 'identity-unknown'],
  ] as const;
  for (const [address, expected] of rows) {
    it(`${address}: ${expected}`, () => {
      const found = identifyByNetwork(table, address);
      assert.equal(found.ok ? found.value.partner.id : found.error, expected);
    });
  }

  it('may speak for the domains of its record, and has shown nothing', () => {
    const found = identifyByNetwork(table, '192.0.2.1');
    assert.ok(found.ok);
    assert.deepEqual([...found.value.domains], ['globex.example']);
    assert.equal(found.value.hosts.size, 0);
    assert.equal(found.value.path, undefined);
  });

  it('is that very partner, or the network is not its own any more', () => {
    const verdict = (id: string, address: string) => {
      const found = identifyPartnerByNetwork(table, { id }, address);
      return found.ok ? found.value.partner.id : found.error;
    };
    assert.equal(verdict('globex', '192.0.2.1'), 'globex');
    assert.equal(verdict('initech', '192.0.2.1'), 'identity-source-network');
    assert.equal(verdict('globex', '192.0.3.1'), 'identity-unknown');
  });
});
