import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flowWords, natWords } from '@sallyport/app-gateway/plan/render/flow-words.ts';
import { PLAN } from '../plan-fixture.ts';

const TABLE: readonly (readonly [id: string, words: string])[] = [
  [
    'partners>edge-a:tcp/5061',
    'partners connect (SIP over TLS): any address of the internet to edge-a (outer-dmz) 10.1.0.10, tcp 5061 (addressed to 198.51.100.10:5061, 20/s a source)',
  ],
  [
    'core-a>edge-a:tcp/7443',
    'channel: core-a (inner-dmz) 10.2.0.10 2001:db8:2::10 to edge-a (outer-dmz) 10.1.0.10, tcp 7443-7446',
  ],
  [
    'partners>edge-a:tcp/5063',
    'partners connect (SIP over TLS): any address of the internet to edge-a (outer-dmz) 10.1.0.10, tcp 5063 (through balancer-b)',
  ],
  [
    'intranet>core-a:tcp/22',
    'administration (SSH): intranet 10.3.9.0/24 to core-a (inner-dmz) 10.2.0.10 2001:db8:2::10, tcp 22',
  ],
];

describe('a flow in words', () => {
  for (const [id, words] of TABLE) {
    it(id, () => {
      const flow = PLAN.flows.find((each) => each.id === id);
      assert.ok(flow);
      assert.equal(flowWords(flow), words);
    });
  }

  it('has brackets around a translated IPv6 address', () => {
    const [flow] = PLAN.flows;
    assert.ok(flow);
    assert.equal(
      natWords({ ...flow, nat: { address: '2001:db8::1', port: 1 } }),
      '[2001:db8::1]:1',
    );
  });
});
