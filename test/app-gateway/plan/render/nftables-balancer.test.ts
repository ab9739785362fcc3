import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  nftablesBalancer,
  nftablesBalancerSysctl,
} from '@sallyport/app-gateway/plan/render/nftables-balancer.ts';
import { PLAN } from '../plan-fixture.ts';

const BALANCER = PLAN.balancers[1];

describe('a balancer of packet rules', () => {
  assert.ok(BALANCER);

  it('shares sources among proxies by their hash', () => {
    assert.ok(
      nftablesBalancer(PLAN, BALANCER).includes(
        'ip daddr 192.0.2.6 tcp dport 5061 dnat ip addr . port to jhash ip saddr mod 2 map { 0 : 10.1.0.10 . 5063, 1 : 192.0.2.11 . 5063 }',
      ),
    );
  });

  it('has the kernel forward, and tell nobody of a way past it', () => {
    const text = nftablesBalancerSysctl();
    assert.match(text, /^net\.ipv4\.ip_forward = 1$/m);
    assert.match(text, /^net\.ipv4\.conf\.all\.send_redirects = 0$/m);
  });

  it('does nothing without proxies of its family', () => {
    const six = { ...BALANCER, listen: { address: '2001:db8:1::6', port: 5061 } };
    assert.ok(!nftablesBalancer(PLAN, six).includes('dnat'));
  });
});
