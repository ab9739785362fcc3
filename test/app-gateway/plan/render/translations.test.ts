import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';
import { translations } from '@sallyport/app-gateway/plan/render/translations.ts';
import { PLAN } from '../plan-fixture.ts';

const [OUTERMOST, MIDDLE] = PLAN.firewalls;

describe('translations', () => {
  it('lead public addresses to listeners, and hosts out with the same address', () => {
    assert.ok(OUTERMOST);
    assert.deepEqual(translations(PLAN, OUTERMOST), {
      targets: [
        {
          flowId: 'partners>edge-a:tcp/5061',
          family: 4,
          address: '198.51.100.10',
          port: 5061,
          to: { address: '10.1.0.10', port: 5061 },
        },
        {
          flowId: 'partners>balancer-a:tcp/5061',
          family: 4,
          address: '198.51.100.5',
          port: 443,
          to: { address: '10.1.0.5', port: 5061 },
        },
      ],
      sources: [{ family: 4, from: ['10.1.0.10'], to: '198.51.100.10' }],
    });
  });

  it('are nothing on a firewall further in', () => {
    assert.ok(MIDDLE);
    assert.deepEqual(translations(PLAN, MIDDLE), { targets: [], sources: [] });
  });

  it('use the firewall’s own address for a host without a public one', () => {
    assert.ok(OUTERMOST);
    const flows = PLAN.flows.map(({ nat: _, ...flow }) => flow);
    assert.deepEqual(translations({ ...PLAN, flows }, OUTERMOST), {
      targets: [],
      sources: [{ family: 4, from: ['10.1.0.10'] }],
    });
  });

  const addresses: readonly (readonly [address: string, isTranslated: boolean])[] = [
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['172.15.0.1', false],
    ['172.16.0.1', true],
    ['172.31.0.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['192.169.1.1', false],
    ['100.63.0.1', false],
    ['100.64.0.1', true],
    ['100.127.0.1', true],
    ['100.128.0.1', false],
    ['fd00::1', true],
    ['fe00::1', false],
    ['2001:db8::1', false],
  ];
  for (const [address, isTranslated] of addresses) {
    it(`${address} goes out ${isTranslated ? 'under another one' : 'as it is'}`, () => {
      assert.ok(OUTERMOST);
      const flows: NetworkPlan['flows'] = PLAN.flows.map((flow) =>
        flow.id === 'edge-a>partners:tcp/5061'
          ? { ...flow, from: { ...flow.from, networks: [address] } }
          : flow,
      );
      const { sources } = translations({ ...PLAN, flows }, OUTERMOST);
      assert.equal(sources.length, isTranslated ? 1 : 0);
    });
  }
});
