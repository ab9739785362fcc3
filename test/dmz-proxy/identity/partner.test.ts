import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import { around, partnerSnapshot, trusting } from '../../integration/support/proxy-site.ts';

const { certificatePem } = await createAuthority({ commonName: 'root', ...around() });
const globex = { ...partnerSnapshot(certificatePem), sourceNetworks: [] };

describe('the table of partners', () => {
  it('finds a partner by id and by domain, in any case', () => {
    const table = partnerTable([{ ...globex, domains: ['Globex.Example'] }], NO_PARTNERS, 0);
    assert.ok(table.ok);
    const partner = table.value.byId.get('globex');
    assert.equal(table.value.byDomain.get('globex.example'), partner);
    assert.equal(partner?.newestFirst[0]?.anchors.length, 1);
    assert.equal(partner?.sourceNetworks, undefined);
  });

  it('carries over what a partner has used up', () => {
    const limited = { ...globex, messagesPerSecond: 0, messagesBurst: 2 };
    const first = partnerTable([limited], NO_PARTNERS, 0);
    assert.ok(first.ok);
    const load = first.value.byId.get('globex')?.load;
    assert.ok(load);
    load.connections = 3;
    assert.equal(load.takeMessage(0), true);
    assert.equal(load.takeMessage(0), true);
    const second = partnerTable([limited], first.value, 0);
    assert.ok(second.ok);
    assert.equal(second.value.trustMark, first.value.trustMark);
    assert.equal(second.value.byId.get('globex')?.load, load);
    assert.equal(load.connections, 3);
    assert.equal(load.takeMessage(0), false);
  });

  it('lets in whoever demands to be looked up only where unknown is refused', () => {
    const rows = [
      ['off', false],
      ['soft-fail', false],
      ['hard-fail', true],
    ] as const;
    for (const [mode, refusesUnknownRevocation] of rows) {
      const asking = { ...globex, revocation: { mode, fetch: false, lists: [] } };
      const table = partnerTable([asking], NO_PARTNERS, 0);
      assert.ok(table.ok);
      const { policy } = table.value.byId.get('globex') ?? assert.fail();
      assert.equal(policy.refusesUnknownRevocation, refusesUnknownRevocation);
    }
  });

  it('names every problem', () => {
    const table = partnerTable(
      [
        { ...globex, trustSets: [trusting('no PEM')], sourceNetworks: ['10.0.0.1/8'] },
        {
          ...globex,
          trustSets: [
            { ...trusting(certificatePem), intermediates: [certificatePem.replace(/MI/, 'AA')] },
          ],
        },
      ],
      NO_PARTNERS,
      0,
    );
    assert.equal(table.ok, false);
    assert.equal(table.ok ? 0 : table.error.length, 5);
  });
});
