import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';
import { preparationSteps } from '@sallyport/app-gateway/plan/render/checklist-hosts.ts';
import { balancerSteps } from '@sallyport/app-gateway/plan/render/checklist-network.ts';
import { diagram } from '@sallyport/app-gateway/plan/render/diagram.ts';
import { iptablesHost } from '@sallyport/app-gateway/plan/render/iptables-host.ts';
import { keepalivedConfig } from '@sallyport/app-gateway/plan/render/keepalived.ts';
import { movingAddress } from '@sallyport/app-gateway/plan/render/moving-address.ts';
import { nftablesHost } from '@sallyport/app-gateway/plan/render/nftables-host.ts';
import { PLAN } from '../plan-fixture.ts';

/** The plan with other addresses of its first balancer, the last of which partners dial. */
function withAddresses(...addresses: readonly string[]): NetworkPlan {
  const listen = { address: addresses.at(-1) ?? '', port: 5061 };
  return {
    ...PLAN,
    hosts: PLAN.hosts.map((host) => (host.name === 'balancer-a' ? { ...host, addresses } : host)),
    balancers: PLAN.balancers.map((each) =>
      each.host === 'balancer-a' ? { ...each, listen } : each,
    ),
  };
}

function balancerOf(plan: NetworkPlan) {
  const host = plan.hosts.find(({ name }) => name === 'balancer-a');
  assert.ok(host !== undefined);
  return host;
}

const TWO = withAddresses('10.1.0.6', '10.1.0.7', '2001:db8:1::5', '10.1.0.5');

describe('an address that moves between hosts', () => {
  it('is known by the hosts’ own addresses beside it', () => {
    assert.deepEqual(movingAddress(TWO, balancerOf(TWO)), {
      address: '10.1.0.5',
      owns: ['10.1.0.6', '10.1.0.7'],
    });
    const six = withAddresses('2001:db8:1::6', '2001:db8:1::7', '10.1.0.9', '2001:db8:1::5');
    assert.deepEqual(movingAddress(six, balancerOf(six))?.owns, ['2001:db8:1::6', '2001:db8:1::7']);
  });

  it('is none where one host has several, in another network or of another family', () => {
    for (const addresses of [
      ['10.1.0.5'],
      ['10.1.0.6', '10.1.0.5'],
      ['192.0.2.6', '192.0.2.7', '10.1.0.5'],
      ['10.1.0.6', '2001:db8:1::6', '2001:db8:1::7', '10.1.0.5'],
    ]) {
      const plan = withAddresses(...addresses);
      assert.equal(movingAddress(plan, balancerOf(plan)), undefined, addresses.join());
    }
    for (const host of PLAN.hosts) assert.equal(movingAddress(PLAN, host), undefined, host.name);
  });

  it('its hosts hear each other, on the link alone, and nobody else so', () => {
    const rules = nftablesHost(TWO, balancerOf(TWO));
    assert.match(
      rules,
      /^\t\tip saddr \{ 10\.1\.0\.6, 10\.1\.0\.7 \} ip ttl 255 meta l4proto 112 accept$/m,
    );
    assert.match(rules, /^\t\tip daddr \{ 10\.1\.0\.6, 10\.1\.0\.7 \} meta l4proto 112 accept$/m);
    const restored = iptablesHost(TWO, balancerOf(TWO), 4).split('\n');
    for (const own of ['10.1.0.6', '10.1.0.7']) {
      assert.ok(restored.includes(`-A INPUT -s ${own} -p 112 -m ttl --ttl-eq 255 -j ACCEPT`));
      assert.ok(restored.includes(`-A OUTPUT -d ${own} -p 112 -j ACCEPT`));
    }
    assert.ok(!iptablesHost(TWO, balancerOf(TWO), 6).includes('-p 112'));
    for (const { name } of TWO.hosts.filter(({ name }) => name !== 'balancer-a')) {
      const other = TWO.hosts.find((host) => host.name === name);
      assert.ok(other !== undefined && !nftablesHost(TWO, other).includes('112'), name);
    }
  });

  it('the diagram says that they are several', () => {
    const text = diagram(TWO);
    for (const words of ['balancer, 2 hosts', '10.1.0.6', '10.1.0.5 moves between them']) {
      assert.ok(text.includes(`>${words}<`), words);
    }
    assert.ok(!diagram(PLAN).includes('moves between'));
  });

  it('the checklist names each of them, and has what is to be there before rules keep it away', () => {
    const [several, ...steps] = preparationSteps(TWO);
    assert.match(
      several ?? '',
      /^balancer-a is 2 hosts, 10\.1\.0\.6 and 10\.1\.0\.7, .* 10\.1\.0\.5:/,
    );
    assert.ok(steps.includes('balancer-a: `apt-get install nftables rsync haproxy keepalived`.'));
    for (const own of ['10.1.0.6', '10.1.0.7']) {
      assert.ok(
        steps.some((step) => step.includes(` root@${own}:/srv/sallyport-setup/`)),
        own,
      );
    }
    const shares = balancerSteps(TWO, { connectionsMax: 100 });
    const at = (words: string) => shares.findIndex((step) => step.includes(words));
    assert.ok(at('net.ipv4.ip_nonlocal_bind=1') < at('restart haproxy'));
    assert.ok(at('net.ipv4.ip_nonlocal_bind=1') >= 0);
    assert.ok(at('restart haproxy') < at('restart keepalived'));
    assert.ok(at('`/etc/keepalived/keepalived.conf` of each') > 0);
    // That of Debian 12 ends as if something were wrong wherever there is a script.
    assert.ok(!shares.some((step) => step.includes('keepalived -t &&')));
  });

  it('is told to LVS in a file that no plan writes, and the plan’s includes', () => {
    const lvs = (plan: NetworkPlan) => {
      const [balancer] = plan.balancers;
      assert.ok(balancer);
      return { ...plan, balancers: [{ ...balancer, kind: 'keepalived' as const }] };
    };
    const textOf = (plan: NetworkPlan) =>
      plan.balancers.map((balancer) => keepalivedConfig(plan, balancer)).join('');
    assert.match(textOf(lvs(TWO)), /^include \/etc\/keepalived\/vrrp\.conf$/m);
    assert.ok(!textOf(lvs(PLAN)).includes('include'));
    const steps = balancerSteps(lvs(TWO), { connectionsMax: 100 });
    assert.ok(steps.some((step) => step.includes('`/etc/keepalived/vrrp.conf` of each')));
  });
});
