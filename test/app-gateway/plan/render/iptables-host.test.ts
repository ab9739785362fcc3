import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { iptablesHost } from '@sallyport/app-gateway/plan/render/iptables-host.ts';
import { hostRules } from '@sallyport/app-gateway/plan/render/packet-rule.ts';
import { PLAN } from '../plan-fixture.ts';

describe('iptables rules of a host', () => {
  for (const host of PLAN.hosts) {
    for (const family of [4, 6] as const) {
      it(`${host.name}, IPv${family}: drops by default and lets its flows through alone`, () => {
        const lines = iptablesHost(PLAN, host, family).split('\n');
        for (const chain of ['INPUT', 'FORWARD', 'OUTPUT']) {
          assert.ok(lines.includes(`:${chain} DROP [0:0]`));
        }
        const rules = hostRules(PLAN, host);
        for (const [chain, own] of [
          ['INPUT', rules.input],
          ['OUTPUT', rules.output],
          ['FORWARD', rules.forward],
        ] as const) {
          const ids = lines.flatMap(
            (line) => new RegExp(`^-A ${chain} .*--comment "([^"]+)" -j`).exec(line)?.[1] ?? [],
          );
          assert.deepEqual(
            ids,
            own.filter((rule) => rule.family === family).map(({ flow }) => flow.id),
          );
        }
      });
    }
  }

  it('a balancer knows connections that proxies open by their first half alone, and tells nobody of a shorter way', () => {
    const host = PLAN.hosts.find(({ name }) => name === 'balancer-b');
    assert.ok(host);
    const lines = iptablesHost(PLAN, host, 4).split('\n');
    const out = lines.filter((line) => line.includes('-A FORWARD') && line.includes('>partners'));
    assert.ok(out.length > 0);
    for (const line of out) assert.ok(!line.includes('--ctstate'), line);
    assert.ok(!lines.includes('-A FORWARD -m conntrack --ctstate INVALID -j DROP'));
    const redirects = lines.indexOf('-A OUTPUT -p icmp -m icmp --icmp-type redirect -j DROP');
    const known = lines.findIndex((line) => line.startsWith('-A OUTPUT -m conntrack'));
    assert.ok(redirects > 0 && redirects < known);
    assert.ok(!iptablesHost(PLAN, host, 6).includes('redirect -j'));
  });
});
