import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanBalancer } from '@sallyport/app-gateway/plan/network-plan.ts';
import { haproxyConfig, haproxyOpenFiles } from '@sallyport/app-gateway/plan/render/haproxy.ts';
import { PLAN } from '../plan-fixture.ts';

const [BALANCER] = PLAN.balancers;

describe('HAProxy’s configuration', () => {
  assert.ok(BALANCER);
  const text = haproxyConfig(PLAN, BALANCER, 20_000);

  it('listens where partners connect and names their address to the proxies', () => {
    assert.match(text, /^ {4}bind 10\.1\.0\.5:5061$/m);
    assert.match(text, /^ {4}server edge-b 192\.0\.2\.11:5062 send-proxy-v2 /m);
  });

  it('asks for health every two seconds', () => {
    assert.match(text, / check addr 192\.0\.2\.11 port 8081 inter 2s fastinter 1s fall 2 rise 2 /m);
    assert.match(text, /uri \/health /);
  });

  it('tries the listener itself where health is not told', () => {
    const targets = BALANCER.targets.map(({ health: _, ...target }) => target);
    const blind = haproxyConfig(PLAN, { ...BALANCER, targets }, 20_000);
    // Without an address of its own a check would send a PROXY header, and look like a partner who hangs up.
    assert.match(blind, /send-proxy-v2 check addr 192\.0\.2\.11 port 5062 inter 2s/);
    assert.ok(!blind.includes('httpchk'));
  });

  it('tries all listeners where only some tell their health: a health port is open in bad health too', () => {
    const [first, ...others] = BALANCER.targets;
    assert.ok(first);
    const { health: _, ...silent } = first;
    const second = { ...first, host: 'edge-z', address: '192.0.2.99' };
    const mixed = haproxyConfig(
      PLAN,
      { ...BALANCER, targets: [silent, second, ...others] },
      20_000,
    );
    assert.match(mixed, /server edge-z .* check addr 192\.0\.2\.99 port 5062 /);
    assert.ok(!mixed.includes('port 8081'));
  });

  it('ends no connection for being silent, nor when a proxy drains', () => {
    for (const side of ['client', 'server', 'tunnel']) {
      assert.match(text, new RegExp(`^ {4}timeout ${side} 24d$`, 'm'));
    }
    assert.ok(!text.includes('shutdown-sessions'));
    assert.match(text, /option clitcpka\n {4}option srvtcpka/);
  });

  it('ends a connection to a host that confirms nothing any more, so that its partner looks for another', () => {
    const servers = text.split('\n').filter((line) => line.startsWith('    server '));
    assert.ok(servers.length > 0);
    for (const server of servers) assert.match(server, / tcp-ut 15s$/);
  });

  it('holds what its proxies take and some more, with two open files for each', () => {
    const [target] = BALANCER.targets;
    assert.ok(target);
    for (const [proxies, connectionsMax, atOnce, files] of [
      [1, 20_000, 21_000, 42_100],
      [2, 20_000, 42_000, 84_100],
      [2, 1, 2002, 4104],
      [0, 20_000, 0, 100],
    ] as const) {
      const targets = Array.from({ length: proxies }, () => target);
      const balancer: PlanBalancer = { ...BALANCER, targets };
      const config = haproxyConfig(PLAN, balancer, connectionsMax);
      assert.equal(config.match(new RegExp(`^ {4}maxconn ${atOnce}$`, 'gm'))?.length, 2);
      assert.equal(haproxyOpenFiles(balancer, connectionsMax), files);
      assert.match(config, new RegExp(` ${files} open$`, 'm'));
    }
  });

  it('writes IPv6 in brackets', () => {
    const six = { ...BALANCER, listen: { address: '2001:db8::5', port: 5061 } };
    assert.match(haproxyConfig(PLAN, six, 20_000), /bind \[2001:db8::5\]:5061/);
    const health = { address: '2001:db8::11', port: 8081 };
    const targets = [{ host: 'edge-a', address: '2001:db8::11', port: 5061, health }];
    assert.match(
      haproxyConfig(PLAN, { ...six, targets }, 20_000),
      /server edge-a \[2001:db8::11\]:5061 .* check addr \[2001:db8::11\] port 8081 /,
    );
  });
});
