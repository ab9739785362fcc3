import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  keepalivedConfig,
  keepalivedSysctl,
} from '@sallyport/app-gateway/plan/render/keepalived.ts';
import { PLAN } from '../plan-fixture.ts';

const BALANCER = PLAN.balancers[1];

describe('keepalived’s configuration', () => {
  assert.ok(BALANCER);
  const text = keepalivedConfig(PLAN, BALANCER);

  it('shares one address among the proxies, packets’ sources kept', () => {
    assert.match(text, /^virtual_server 192\.0\.2\.6 5061 \{$/m);
    assert.match(text, /lb_kind NAT/);
    assert.match(text, /real_server 10\.1\.0\.10 5063 \{/);
    assert.match(text, /real_server 192\.0\.2\.11 5063 \{/);
  });

  it('checks every two seconds and keeps a partner where it was', () => {
    assert.match(text, /delay_loop 2\n/);
    assert.match(text, /TCP_CHECK \{\n\s+connect_port 5063/);
    assert.match(text, /persistence_timeout 300/);
    assert.match(text, /inhibit_on_failure/);
  });

  it('asks for health where proxies tell it', () => {
    const targets = BALANCER.targets.map((target) => {
      return { ...target, health: { address: target.address, port: 8081 } };
    });
    const asking = keepalivedConfig(PLAN, { ...BALANCER, targets });
    assert.match(asking, /HTTP_GET \{\n\s+connect_ip 10\.1\.0\.10\n\s+connect_port 8081/);
    assert.match(asking, /path \/health\n\s+status_code 200/);
  });

  it('leaves proxies of the other family out', () => {
    const [first] = BALANCER.targets;
    assert.ok(first);
    const mixed = { ...BALANCER, targets: [first, { ...first, address: '2001:db8:1::10' }] };
    assert.ok(!keepalivedConfig(PLAN, mixed).includes('2001:db8'));
  });

  it('has the kernel track what passes', () => {
    assert.match(keepalivedSysctl(), /^net\.ipv4\.vs\.conntrack = 1$/m);
    assert.match(keepalivedSysctl(), /^net\.ipv4\.ip_forward = 1$/m);
    assert.match(keepalivedSysctl(), /^net\.ipv4\.conf\.all\.send_redirects = 0$/m);
  });

  it('lets a connection be silent for five days', () => {
    assert.match(text, /^ {4}lvs_timeouts tcp 432000 tcpfin 120$/m);
  });

  it('has the kernel forget whom a proxy served that is out', () => {
    assert.match(keepalivedSysctl(), /^net\.ipv4\.vs\.expire_quiescent_template = 1$/m);
  });
});
