import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathBetween } from '@sallyport/app-gateway/plan/firewall-paths.ts';
import { planned } from './site-on-a-network.ts';

describe('the way of a flow through the firewalls', () => {
  it('is between neighbours where the site names none', () => {
    const { firewalls } = planned();
    assert.deepEqual(
      firewalls.map(({ name, joins }) => `${name} ${joins.join()}`),
      [
        'firewall-1 internet,outer-dmz',
        'firewall-2 outer-dmz,inner-dmz',
        'firewall-3 inner-dmz,intranet',
      ],
    );
  });

  it('passes every firewall between the zones, and each one in its direction', () => {
    const { firewalls } = planned();
    const legs = firewalls.flatMap(({ name, crossings }) =>
      crossings
        .filter(({ flowId }) => flowId === 'intranet>edge-a:tcp/22')
        .map(({ from, to }) => `${name} ${from}>${to}`),
    );
    assert.deepEqual(legs, ['firewall-2 inner-dmz>outer-dmz', 'firewall-3 intranet>inner-dmz']);
  });

  it('passes a firewall with many legs once', () => {
    const { firewalls } = planned((site) => {
      site.network.firewalls = [
        { name: 'all', joins: ['internet', 'outer-dmz', 'inner-dmz', 'intranet'] },
      ];
    });
    const [all] = firewalls;
    assert.deepEqual(
      all?.crossings.filter(({ flowId }) => flowId === 'intranet>edge-a:tcp/22'),
      [{ flowId: 'intranet>edge-a:tcp/22', from: 'intranet', to: 'outer-dmz' }],
    );
  });

  it('takes the way with the fewest firewalls, and knows where there is none', () => {
    const legs = [
      { name: 'a', joins: ['internet', 'dmz'], interfaces: {} },
      { name: 'b', joins: ['dmz', 'intranet'], interfaces: {} },
      { name: 'c', joins: ['internet', 'intranet'], interfaces: {} },
    ] as const;
    assert.deepEqual(
      pathBetween(legs, 'internet', 'intranet')?.map(({ firewall }) => firewall),
      ['c'],
    );
    assert.equal(pathBetween(legs, 'internet', 'inner-dmz'), undefined);
    assert.deepEqual(pathBetween(legs, 'dmz', 'dmz'), []);
  });
});
